import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders } from './folders';

/** Where the parts of this stack are reached. */
export interface Addresses {
  databaseUrl: string;
  warehouseUrl?: string;
  temporalAddress: string;
  temporalUiUrl?: string;
  smtpUrl: string;
  apiPort: number;
  workerHealthPort: number;
}

export const temporalNamespace = (): string => process.env['TEMPORAL_NAMESPACE'] || 'datamcp';
export const apiUrl = (addresses: Addresses): string => `http://127.0.0.1:${addresses.apiPort}`;

/** Running work gets this long when the stack is stopped: a person is waiting at the terminal. */
export const graceMs = 8_000;

/** The keys of this stack: random, made once, so that clients and secrets outlive a restart. */
export interface StackKeys {
  admin: string;
  /** Encrypts the secrets that are set over the API. */
  secrets: string;
}

export const stackKeys = async (folders: Folders): Promise<StackKeys> => ({
  admin: await kept(join(folders.data, 'admin-key'), () => `dmcp_${randomBytes(32).toString('base64url')}`),
  secrets: await kept(join(folders.data, 'secrets-key'), () => randomBytes(32).toString('base64')),
});

async function kept(file: string, make: () => string): Promise<string> {
  if (!existsSync(file)) await writeFile(file, make(), { mode: 0o600 });
  return (await readFile(file, 'utf8')).trim();
}

/** Variables that npm sets for its own scripts mean nothing to the product. */
const inherited = (): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));

/** Configuration of the worker and the API. What the user set in the environment wins where the stack has no say. */
export function processEnvironment(folders: Folders, addresses: Addresses, keys: StackKeys): Record<string, string | undefined> {
  return {
    DATAMCP_DATA_DIRS: join(folders.root, 'node_modules', 'vega-datasets', 'data'),
    DATAMCP_ARTIFACTS: join(folders.data, 'artifacts'),
    DATAMCP_SHUTDOWN_GRACE_MS: String(graceMs - 1_000),
    ...(addresses.warehouseUrl && { DATAMCP_CONNECTION_WAREHOUSE: addresses.warehouseUrl }),
    DATAMCP_SECRETS_KEY: keys.secrets,
    ...inherited(),
    DATAMCP_ENV: 'development',
    DATABASE_URL: addresses.databaseUrl,
    TEMPORAL_ADDRESS: addresses.temporalAddress,
    TEMPORAL_NAMESPACE: temporalNamespace(),
    TEMPORAL_UI_URL: addresses.temporalUiUrl,
    SMTP_URL: addresses.smtpUrl,
    DATAMCP_API_HOST: '127.0.0.1',
    DATAMCP_API_PORT: String(addresses.apiPort),
    DATAMCP_API_URL: apiUrl(addresses),
    DATAMCP_BOOTSTRAP_ADMIN_KEY: keys.admin,
    DATAMCP_WORKER_HEALTH_PORT: String(addresses.workerHealthPort),
  };
}
