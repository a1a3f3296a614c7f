import type { ClientConfig } from 'pg';
import { z } from 'zod';
import type { Secrets } from './secrets';

export const connectionName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be lower-case letters, digits and _, beginning with a letter');
export const secretName = z.string().regex(/^[A-Z][A-Z0-9_]{0,62}$/, 'must be upper-case letters, digits and _, beginning with a letter');

/** Where a secret belongs in settings: its name stands there, never its value. */
const secretReference = z.strictObject({ secret: secretName.describe('name of the secret') });

const hostName = z.string().min(1).max(253).regex(/^[^\s/@\\]+$/, 'must be a host name or an address, and nothing else');

const postgresSettings = z.strictObject({
  kind: z.literal('postgres'),
  host: hostName,
  port: z.int().min(1).max(65_535).default(5432),
  database: z.string().min(1).max(63),
  user: z.string().min(1).max(63),
  password: secretReference.optional().describe('the secret that is the password; none if the server asks for none'),
  tls: z.enum(['verify', 'encrypt', 'off']).default('verify')
    .describe('verify: encrypted, to a server whose certificate is trusted; encrypt: to any server; off: in the clear'),
});

/** What a named connection is made of, by its kind. */
export const connectionSettings = z.discriminatedUnion('kind', [postgresSettings]);
export type ConnectionSettings = z.output<typeof connectionSettings>;
export type PostgresSettings = z.output<typeof postgresSettings>;

/** How `pg` is told to connect. The password is asked for with each new session: a changed secret counts from then on. */
export function postgresOptions({ host, port, database, user, password, tls }: PostgresSettings, secrets: Pick<Secrets, 'value'>): ClientConfig {
  return {
    host, port, database, user,
    ...(password && { password: () => secrets.value(password.secret) }),
    ssl: tls === 'off' ? false : { rejectUnauthorized: tls === 'verify' },
  };
}
