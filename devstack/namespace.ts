import { failureText } from '../domain/errors';
import { loadConfig } from '../platform/config';
import { makeTemporalClient, prepareNamespace } from '../platform/temporal';

/**
 * Makes the namespace of a stack, with its search attributes, and ends. A process of its own, because the supervisor
 * would keep what it takes to speak with Temporal, some thirty megabytes, for as long as the stack is up.
 */
async function main(): Promise<void> {
  // Only Temporal is spoken with.
  const client = makeTemporalClient(loadConfig({ ...process.env, DATABASE_URL: 'postgresql://unused' }));
  await prepareNamespace(client).finally(() => client.connection.close());
}

main().catch((error: unknown) => {
  process.stderr.write(`${failureText(error)}\n`);
  process.exitCode = 1;
});
