import { randomBytes } from 'node:crypto';

/** A filled-in `.env`, each secret made as `.env.example` says. */
export const settingsOf = (postgresPassword: string): Record<string, string> => ({
  POSTGRES_PASSWORD: postgresPassword,
  DATAMCP_BOOTSTRAP_ADMIN_KEY: `dmcp_${randomBytes(32).toString('hex')}`,
  DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64'),
  DATAMCP_PAYLOAD_KEYS: randomBytes(32).toString('base64'),
  GRAFANA_ADMIN_PASSWORD: randomBytes(16).toString('hex'),
  DATAMCP_API_URL: 'https://pipelines.example.com',
  DATAMCP_OUTBOUND_ALLOW: '127.0.0.0/8',
});
