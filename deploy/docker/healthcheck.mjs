// Whether a process of the container is ready, as its exit code: node healthcheck.mjs <address that answers 2xx then>
const [address] = process.argv.slice(2);
const answer = await fetch(address, { signal: AbortSignal.timeout(4_000) }).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
