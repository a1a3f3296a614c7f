import type { ArtifactLocation } from './artifact-location';

/** What the rules look at; a setting that could not be read is undefined, and told elsewhere. */
export interface ProductionSettings {
  DATABASE_URL?: string | undefined;
  DATAMCP_API_URL?: string | undefined;
  TEMPORAL_UI_URL?: string | undefined;
  DATAMCP_BOOTSTRAP_ADMIN_KEY?: string | undefined;
  DATAMCP_SECRETS_KEY?: readonly Buffer[] | undefined;
  DATAMCP_ARTIFACTS?: ArtifactLocation | undefined;
  DATAMCP_TRUST_SIGNALS?: boolean | undefined;
}

/** Words of examples and of development, long enough that random keys do not hold one by chance. */
const weakWord = /change.?me|example|default|develop|placeholder|secret|password/i;
const fewestCharacters = 12;
const isWeakKey = (key: string): boolean => weakWord.test(key) || new Set(key).size < fewestCharacters;

/** Passwords that images and tutorials come with. */
const knownPasswords: ReadonlySet<string> = new Set(['postgres', 'temporal', 'datamcp', 'password', 'secret', 'admin', 'root', 'changeme', 'example', 'test', '123456']);

function databaseFault(url: string): string | undefined {
  const { username, password } = new URL(url);
  const isKnown = password !== '' && (password === username || knownPasswords.has(password.toLowerCase()));
  return isKnown ? 'DATABASE_URL: has a password that everybody knows' : undefined;
}

function plainHttpFault(name: string, url: string | undefined): string | undefined {
  return url !== undefined && new URL(url).protocol !== 'https:' ? `${name}: is plain HTTP; people send their keys there, so production takes https:// only` : undefined;
}

function artifactsFault(location: ArtifactLocation): string | undefined {
  switch (location.kind) {
    case 'bucket': return undefined;
    case 'folder': return location.folder.startsWith('/') ? undefined
      : 'DATAMCP_ARTIFACTS: is a folder relative to the process; name a bucket, or an absolute folder that all processes share';
  }
}

/**
 * What development may do and production must not: keys that are missing or well known, plain HTTP, and storage that
 * goes with its process. @returns all faults, each beginning with the variable that it is about; values are not told
 */
export function productionFaults(settings: ProductionSettings): string[] {
  const { DATABASE_URL: database, DATAMCP_BOOTSTRAP_ADMIN_KEY: adminKey, DATAMCP_SECRETS_KEY: secretsKeys, DATAMCP_ARTIFACTS: artifacts } = settings;
  return [
    database === undefined ? undefined : databaseFault(database),
    plainHttpFault('DATAMCP_API_URL', settings.DATAMCP_API_URL),
    plainHttpFault('TEMPORAL_UI_URL', settings.TEMPORAL_UI_URL),
    adminKey !== undefined && isWeakKey(adminKey) ? 'DATAMCP_BOOTSTRAP_ADMIN_KEY: is easy to guess; make one with `openssl rand -base64 48`' : undefined,
    secretsKeys?.length === 0 ? 'DATAMCP_SECRETS_KEY: is missing; make one with `openssl rand -base64 32`' : undefined,
    artifacts === undefined ? undefined : artifactsFault(artifacts),
    settings.DATAMCP_TRUST_SIGNALS === true ? 'DATAMCP_TRUST_SIGNALS: lets everybody who reaches Temporal decide for others' : undefined,
  ].filter((fault) => fault !== undefined);
}
