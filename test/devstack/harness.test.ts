import { createTestDatabase } from '../harness/database';
import { testConfig, testTemporal, testTemporalClient } from '../harness/temporal';

describe('the test harness', () => {
  it('gives each caller a database of its own with the newest schema', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    try {
      expect(one.url).not.toBe(other.url);
      const { rows } = await one.pool.query('select name from migrations');
      expect(rows.length).toBeGreaterThan(0);
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
  });

  it('gives a Temporal namespace in which workflows can be found by our search attributes', async () => {
    const temporal = testTemporal();
    const client = testTemporalClient(testConfig('postgresql://unused', temporal));
    const { count } = await client.workflow.count('DatamcpPipeline = "none"');
    expect(count).toBe(0);
    await client.connection.close();
  });
});
