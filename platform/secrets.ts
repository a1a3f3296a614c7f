import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isNativeError } from 'node:util/types';
import { AppError } from '../domain/errors';
import type { Config } from './config';
import { shortestSecret, type SecretMask } from './secret-mask';

/** One of the places that secrets come from. */
export interface SecretSource {
  /** Values of those of the names that this source knows. */
  find(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  names(): Promise<string[]>;
  /** Told when a task or a connection was given these. */
  used?(names: readonly string[]): Promise<void>;
}

/** The secrets of a process: the first source that knows a name gives its value. */
export class Secrets {
  /** @param sources in their order; @param mask learns every value before anyone gets it */
  constructor(private readonly sources: readonly SecretSource[], readonly mask: SecretMask) {}

  /**
   * Values of secrets by name.
   * @throws AppError `secret_missing`, `secret_too_short`; `key_missing`, `decryption_failed`
   */
  async resolve(names: readonly string[]): Promise<Record<string, string>> {
    const found = await this.find(names, (source, given) => source.used?.(given));
    const missing = names.filter((name) => !found.has(name));
    if (missing.length > 0) throw missingSecrets(missing);
    return Object.fromEntries([...found].map(([name, value]) => [name, checked(name, value)]));
  }

  /** The value of one secret. @throws as `resolve` */
  async value(name: string): Promise<string> {
    return (await this.resolve([name]))[name] ?? '';
  }

  /** Masks every secret there is from now on, also those that this process has not used. Those that cannot be read are left out. */
  async learnAll(): Promise<void> {
    const names = new Set((await Promise.all(this.sources.map((source) => source.names()))).flat());
    await Promise.allSettled([...names].map((name) => this.find([name])));
  }

  private async find(names: readonly string[], tell?: (source: SecretSource, given: string[]) => Promise<void> | undefined): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const source of this.sources) {
      const wanted = names.filter((name) => !found.has(name));
      if (wanted.length === 0) break;
      const values = await source.find(wanted);
      this.mask.learn(values.values());
      if (values.size > 0) await tell?.(source, [...values.keys()]);
      for (const [name, value] of values) found.set(name, value);
    }
    return found;
  }
}

function missingSecrets(names: readonly string[]): AppError {
  const what = names.length === 1 ? 'is no secret' : 'are no secrets';
  const each = (word: (name: string) => string): string => names.map(word).join(', ');
  return new AppError('secret_missing', `There ${what} ${each(String)}; an operator sets ${names.length === 1 ? 'it' : 'each'} by ${each((name) => `\`datamcp secrets set ${name}\``)}, as ${each((name) => `DATAMCP_SECRET_${name}`)}, or as a file in DATAMCP_SECRETS_DIR`);
}

function checked(name: string, value: string): string {
  if (value.length < shortestSecret) throw new AppError('secret_too_short', `Secret ${name} has fewer than ${shortestSecret} characters and could not be masked`);
  return value;
}

/** Secrets that the process was started with. */
export const environmentSecrets = (values: Readonly<Record<string, string>>): SecretSource => ({
  find: async (names) => new Map(names.flatMap((name) => (Object.hasOwn(values, name) ? [[name, values[name] ?? '']] : []))),
  names: async () => Object.keys(values),
});

/** A name that is no path: neither `..` nor what Kubernetes keeps beside the files. */
const fileName = /^[A-Za-z_]\w{0,62}$/;

/**
 * Secrets as files of a folder. They are read with each use, so that a file that is replaced counts at once. One line
 * break at the end is not part of the value: editors leave it there.
 */
export const folderSecrets = (folder: string): SecretSource => ({
  async find(names) {
    const entries = await Promise.all(names.filter((name) => fileName.test(name)).map(async (name) => {
      const value = await readSecret(folder, name);
      return value === undefined ? [] : [[name, value] as const];
    }));
    return new Map(entries.flat());
  },
  names: async () => (await readdir(folder).catch(() => [])).filter((name) => fileName.test(name)),
});

async function readSecret(folder: string, name: string): Promise<string | undefined> {
  try {
    return (await readFile(join(folder, name), 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const code = isNativeError(error) && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT') return undefined;
    throw new AppError('secret_missing', `Secret ${name} cannot be read from DATAMCP_SECRETS_DIR: ${code}`, { cause: error });
  }
}

/** The sources in their order: the environment, the folder, what was set over the API. */
export const secretSources = (config: Pick<Config, 'secrets' | 'DATAMCP_SECRETS_DIR'>, stored: SecretSource): SecretSource[] => [
  environmentSecrets(config.secrets),
  ...(config.DATAMCP_SECRETS_DIR === undefined ? [] : [folderSecrets(config.DATAMCP_SECRETS_DIR)]),
  stored,
];

/** Everything in the configuration that nobody may read in an answer, a log or a history. */
export function configuredCredentials(config: Config): string[] {
  const urls = [...Object.values(config.connections), config.DATABASE_URL, config.SMTP_URL ?? ''];
  // The address of a Slack webhook is all that it takes to write there.
  const webhooks = config.DATAMCP_APPROVAL_WEBHOOKS.map((webhook) => (webhook.format === 'slack' ? webhook.url : webhook.secret));
  const given = [config.TEMPORAL_API_KEY, config.DATAMCP_BOOTSTRAP_ADMIN_KEY, config.DATAMCP_SLACK_SIGNING_SECRET, config.DATAMCP_ARTIFACTS_SECRET_KEY, ...webhooks].flatMap((value) => value ?? []);
  const keys = [...config.DATAMCP_SECRETS_KEY, ...config.DATAMCP_PAYLOAD_KEYS].map((key) => key.toString('base64'));
  return [...Object.values(config.secrets), ...given, ...keys, ...urls.flatMap(passwordOf)];
}

/** A password that stands in the clear beside itself (`postgres://demo:demo@…`) is none, and may be a word of every text. */
function passwordOf(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const url = new URL(text);
  const { password } = url;
  url.password = '';
  return password === '' || url.href.includes(password) ? [] : [password, unescaped(password)];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
