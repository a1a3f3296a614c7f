import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { loadConfig, type Config } from '../../platform/config';
import { makeTemporalClient } from '../../platform/temporal';
import { testEnvironment } from './environment';

export interface TestTemporal {
  address: string;
  namespace: string;
  /** Of this call alone, so that test files never take each other's work. */
  taskQueue: string;
}

/** The test run's Temporal server, with namespace and search attributes in place. */
export function testTemporal(): TestTemporal {
  const { TEST_TEMPORAL_ADDRESS: address, TEST_TEMPORAL_NAMESPACE: namespace } = testEnvironment();
  return { address, namespace, taskQueue: `test-${randomUUID()}` };
}

/** The product's configuration for a test: these servers, then `overrides`. */
export function testConfig(databaseUrl: string, temporal: TestTemporal = testTemporal(), overrides: Record<string, string> = {}): Config {
  return loadConfig({
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_TASK_QUEUE: temporal.taskQueue,
    DATAMCP_API_PORT: '0',
    DATAMCP_ARTIFACTS: `${testEnvironment().TEST_DIR}/artifacts-${temporal.taskQueue}`,
    LOG_LEVEL: 'error',
    ...overrides,
  });
}

/** A client of the test run's server; close its `connection` when done. */
export const testTemporalClient = (config: Config): Client => makeTemporalClient(config);
