import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './config';
import { SecretMask } from './secret-mask';
import { configuredCredentials, environmentSecrets, folderSecrets, Secrets } from './secrets';

let folder: string;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'datamcp-secrets-')); });
afterAll(() => rm(folder, { recursive: true }));

const file = (name: string, value: string): Promise<void> => writeFile(join(folder, name), value);
const secretsOf = (...values: Record<string, string>[]): Secrets => new Secrets([...values.map(environmentSecrets), folderSecrets(folder)], new SecretMask());

describe('the secrets of a process', () => {
  it('come from the first place that knows the name, and are masked from then on', async () => {
    await file('BOTH', 'from-the-file');
    await file('FILE', 'only-in-the-file\n');
    const secrets = secretsOf({ BOTH: 'from-the-environment' });
    expect(await secrets.resolve(['FILE', 'BOTH'])).toEqual({ FILE: 'only-in-the-file', BOTH: 'from-the-environment' });
    expect(secrets.mask.text('only-in-the-file from-the-environment from-the-file')).toBe('*** *** from-the-file');
  });

  it('count anew when their file is replaced', async () => {
    const secrets = secretsOf();
    await file('CHANGED', 'first-value');
    await secrets.value('CHANGED');
    await file('CHANGED', 'second-value');
    expect(await secrets.value('CHANGED')).toBe('second-value');
    expect(secrets.mask.text('first-value second-value')).toBe('*** ***');
  });

  it.each(['NOT_THERE', '../escape', '..data', 'a/b', '', '__proto__', 'constructor'])('are missing when no place knows "%s"', async (name) => {
    await expect(secretsOf({ OTHER: 'another-value' }).value(name)).rejects.toMatchObject({ code: 'secret_missing', retryable: false });
  });

  it('are all named when several are missing', async () => {
    await expect(secretsOf({ OTHER: 'another-value' }).resolve(['ONE', 'OTHER', 'TWO'])).rejects.toThrow('There are no secrets ONE, TWO; an operator sets each by');
  });

  it('are refused when they are too short to be masked', async () => {
    await file('SHORT', 'abc');
    await expect(secretsOf().value('SHORT')).rejects.toMatchObject({ code: 'secret_too_short', message: expect.not.stringContaining('abc') });
  });

  it('are all masked once learned, whether anyone asked for them or not; those that cannot be read are left', async () => {
    await file('UNASKED', 'nobody-asked-for-it');
    const secrets = new Secrets([folderSecrets(folder), { find: () => Promise.reject(new Error('no key')), names: async () => ['BROKEN'] }], new SecretMask());
    await secrets.learnAll();
    expect(secrets.mask.text('nobody-asked-for-it')).toBe('***');
  });
});

describe('the configuration', () => {
  const needed = { DATABASE_URL: 'postgres://app:db-password-1@db/app', TEMPORAL_ADDRESS: 'temporal:7233' };

  it('names secrets that are too short and keys that are none, and tells neither', () => {
    const wrong = { ...needed, DATAMCP_SECRET_PIN: 'k4n', DATAMCP_SECRETS_KEY: 'bm90LTMyLWJ5dGVz', DATAMCP_PAYLOAD_KEYS: Buffer.alloc(32).toString('base64') };
    expect(() => loadConfig(wrong)).toThrow(/DATAMCP_SECRETS_KEY: every key is 32 random bytes[^]*DATAMCP_PAYLOAD_KEYS: every key[^]*DATAMCP_SECRET_PIN: has fewer than 8/);
    expect(() => loadConfig(wrong)).not.toThrow(/k4n|bm90|AAAA/);
  });

  it('knows the passwords in its addresses, but not a word that stands in the clear beside it', () => {
    const config = loadConfig({ ...needed, SMTP_URL: 'smtp://me:p%40ssword%21@mail', DATAMCP_CONNECTION_DEMO: 'postgres://demo_user:demo_user@db/demo' });
    expect(configuredCredentials(config)).toEqual(['db-password-1', 'db-password-1', 'p%40ssword%21', 'p@ssword!']);
  });

  it('knows the keys that it encrypts with, and the one of the bucket', () => {
    const key = randomBytes(32).toString('base64');
    const config = loadConfig({ ...needed, DATAMCP_SECRETS_KEY: key, DATAMCP_ARTIFACTS_KEY_ID: 'AKIDEXAMPLE', DATAMCP_ARTIFACTS_SECRET_KEY: 'wJalrXUtnFEMI' });
    expect(configuredCredentials(config)).toEqual(expect.arrayContaining([key, 'wJalrXUtnFEMI']));
  });
});
