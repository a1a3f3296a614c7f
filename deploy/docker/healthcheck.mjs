// Whether a process of the container is ready, as its exit code: node healthcheck.mjs <address that answers 2xx then>
const longestWaitMs = 4_000;
const [address] = process.argv.slice(2);
setTimeout(() => process.exit(1), longestWaitMs);
const answer = await fetch(address).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
