import { randomBytes } from 'node:crypto';
import { loadConfig } from './config';

const sound = {
  DATAMCP_ENV: 'production',
  DATABASE_URL: 'postgresql://datamcp:7b1f0e2c9d4a@db.internal:5432/datamcp',
  TEMPORAL_ADDRESS: 'temporal.internal:7233',
  TEMPORAL_UI_URL: 'https://temporal.example.com',
  DATAMCP_API_URL: 'https://pipelines.example.com',
  DATAMCP_BOOTSTRAP_ADMIN_KEY: randomBytes(48).toString('base64'),
  DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64'),
  DATAMCP_ARTIFACTS: 's3://artifacts/prefix',
};

/** The faults that are told of these settings, by variable. */
function faultsOf(environment: Record<string, string>): string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    return error instanceof Error ? error.message.split('\n').slice(1).map((line) => line.trim()) : [String(error)];
  }
}
const namesOf = (environment: Record<string, string>): string[] => faultsOf(environment).map((fault) => fault.split(':', 1)[0] ?? '');

describe('production', () => {
  test('starts on sound settings, with artifacts in a bucket or in an absolute folder', () => {
    expect(faultsOf(sound)).toEqual([]);
    expect(faultsOf({ ...sound, DATAMCP_ARTIFACTS: '/mnt/artifacts' })).toEqual([]);
  });

  test('tells everything that is missing or unsafe at once, each fault once, and shows no value', () => {
    const environment = {
      DATAMCP_ENV: 'production', DATABASE_URL: 'postgresql://datamcp:datamcp@db/datamcp', TEMPORAL_UI_URL: 'http://temporal.internal:8080',
      DATAMCP_BOOTSTRAP_ADMIN_KEY: 'dmcp_'.repeat(8), LOG_LEVEL: 'loud',
    };
    expect(namesOf(environment).sort()).toEqual([
      'DATABASE_URL', 'DATAMCP_ARTIFACTS', 'DATAMCP_BOOTSTRAP_ADMIN_KEY', 'DATAMCP_SECRETS_KEY', 'LOG_LEVEL', 'TEMPORAL_ADDRESS', 'TEMPORAL_UI_URL',
    ]);
    expect(faultsOf(environment).join()).not.toContain('dmcp_dmcp_');
  });

  test.each([
    ['DATABASE_URL', 'postgresql://app:Postgres@db/datamcp'],
    ['DATAMCP_API_URL', 'http://127.0.0.1:8080'],
    ['DATAMCP_API_URL', 'no address'],
    ['TEMPORAL_UI_URL', 'http://temporal.example.com'],
    ['DATAMCP_BOOTSTRAP_ADMIN_KEY', 'please-ChangeMe-before-you-use-this-in-earnest'],
    ['DATAMCP_SECRETS_KEY', ''],
    ['DATAMCP_SECRETS_KEY', Buffer.alloc(32).toString('base64')],
    ['DATAMCP_ARTIFACTS', 'data/artifacts'],
    ['DATAMCP_ARTIFACTS', ''],
    ['DATAMCP_TRUST_SIGNALS', 'true'],
  ])('refuses %s=%s, and nothing else', (name, value) => {
    expect(namesOf({ ...sound, [name]: value })).toEqual([name]);
  });

  test('is the only environment with these rules', () => {
    expect(faultsOf({ DATABASE_URL: 'postgresql://datamcp:datamcp@127.0.0.1/datamcp', TEMPORAL_ADDRESS: '127.0.0.1:7233', DATAMCP_API_URL: 'http://127.0.0.1:8080' })).toEqual([]);
  });
});

test('what is missing is called so', () => {
  expect(() => loadConfig({})).toThrow('The configuration has 2 fault(s):\n  DATABASE_URL: is missing\n  TEMPORAL_ADDRESS: is missing');
});
