import { z } from 'zod';

const schema = z.object({
  /** The test run's Postgres: its maintenance database, from which test databases are made. */
  TEST_POSTGRES_URL: z.url(),
  TEST_TEMPORAL_ADDRESS: z.string().min(1),
  TEST_TEMPORAL_NAMESPACE: z.string().min(1),
  /** A folder that is removed after the test run. */
  TEST_DIR: z.string().min(1),
});

export type TestEnvironment = z.output<typeof schema>;

/** What the global set-up started: handed to the test files through environment variables, as they run in other processes. */
export const testEnvironment = (): TestEnvironment => schema.parse(process.env);

export const templateDatabase = 'template_datamcp';
