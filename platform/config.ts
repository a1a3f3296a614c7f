import { z } from 'zod';
import { AppError } from '../domain/errors';
import { approvalWebhooks } from './approval-webhooks';
import { artifactLocation } from './artifact-location';
import { productionFaults } from './production-rules';
import { shortestSecret } from './secret-mask';

const port = z.coerce.number().int().min(0).max(65_535);
const days = z.coerce.number().int().min(0).max(36_500);
const milliseconds = z.coerce.number().int().min(1);
const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: 'every entry is an IP address or a network (CIDR)' });
const list = z.string().transform((text) => text.split(',').map((part) => part.trim()).filter(Boolean));
const networks = list.pipe(z.array(network));
/** Never told: not even a wrong key belongs into a message. */
const isKey = (text: string): boolean => /^[A-Za-z0-9+/]{43}=$/.test(text) && new Set(Buffer.from(text, 'base64')).size > 8;
const keys = list.refine((all) => all.every(isKey), { error: 'every key is 32 random bytes in base64, as `openssl rand -base64 32` prints them' })
  .transform((all) => all.map((text) => Buffer.from(text, 'base64')));
const programs = list.refine((paths) => paths.every((path) => path.startsWith('/')), { error: 'every program is an absolute path' });

/**
 * Every environment variable that the product reads: this is the only place that does.
 * Durations are in milliseconds and say so; lists are separated by commas.
 */
export const configSchema = z.object({
  DATAMCP_ENV: z.enum(['development', 'production']).default('development')
    .describe('production refuses to start on settings of development, and tells browsers to keep to HTTPS (Strict-Transport-Security)'),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('least severe log line that is written'),

  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).describe('Postgres with the definitions and the read model'),
  DATAMCP_DATABASE_POOL: z.coerce.number().int().min(1).default(10).describe('connections to Postgres of one process'),

  TEMPORAL_ADDRESS: z.string().min(1).describe('host:port of the Temporal frontend'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('datamcp').describe('Temporal namespace; made with 30 days of retention if it does not exist'),
  TEMPORAL_API_KEY: z.string().optional().describe('API key of Temporal Cloud; turns TLS on'),
  TEMPORAL_TASK_QUEUE: z.string().min(1).default('datamcp').describe('task queue of the workflows and of tasks without a `queue`'),
  TEMPORAL_UI_URL: z.url().optional().describe('address of the Temporal UI, for links'),

  DATAMCP_API_HOST: z.string().default('127.0.0.1').describe('address that the API listens on'),
  DATAMCP_API_PORT: port.default(8080).describe('port that the API listens on; 0 takes a free one'),
  DATAMCP_API_URL: z.url({ protocol: /^https?$/, error: 'must be an address with http:// or https://' })
    .refine((text) => !/[?#]/.test(text), 'must end with its path: paths are appended to it')
    .optional().describe('address under which clients reach the API, for links; it may have a path, which a proxy takes away'),
  DATAMCP_API_HEADERS_TIMEOUT_MS: milliseconds.default(15_000).describe('time that a client has to send the head of a request; then it gets 408'),
  DATAMCP_API_REQUEST_TIMEOUT_MS: milliseconds.default(60_000).describe('time that a client has to send a whole request; then it gets 408'),
  DATAMCP_RATE_LIMIT_PER_MINUTE: z.coerce.number().int().min(1).default(120_000).describe('requests a minute that one key may make to one API process; then they get 429'),
  DATAMCP_FAILED_AUTH_PER_MINUTE: z.coerce.number().int().min(1).default(3_000).describe('requests a minute without a valid key that one address may make to one API process; then they get 429'),
  DATAMCP_TRUSTED_PROXIES: networks.default([]).describe('addresses and networks (CIDR) of proxies whose X-Forwarded-For tells the address of the client'),
  DATAMCP_BOOTSTRAP_ADMIN_KEY: z.string().min(32).optional().describe('an admin key that the API accepts from its first start; only its hash is kept'),

  DATAMCP_SECRETS_DIR: z.string().min(1).optional().describe('folder in which each file is a secret of its name, as Docker and Kubernetes mount them'),
  DATAMCP_SECRETS_KEY: keys.default([]).describe('keys of the secrets that are set over the API and of the links of approvals, each 32 random bytes in base64: the first encrypts, all decrypt'),
  DATAMCP_PAYLOAD_KEYS: keys.default([]).describe('keys of what Temporal keeps, each 32 random bytes in base64: the first encrypts, all decrypt; without any it is not encrypted'),

  DATAMCP_ARTIFACTS: artifactLocation.prefault('.datamcp/artifacts').describe('where artifacts are kept, for all workers and the API: a folder (a path or file:///…) or a bucket, `s3://bucket/prefix?endpoint=…&region=…&pathStyle=true`'),
  DATAMCP_ARTIFACTS_KEY_ID: z.string().min(1).optional().describe('access key id for the bucket; without it AWS\'s usual chain finds credentials'),
  DATAMCP_ARTIFACTS_SECRET_KEY: z.string().min(shortestSecret).optional().describe('secret access key for the bucket'),
  DATAMCP_ARTIFACTS_CACHE_DIR: z.string().min(1).default('.datamcp/artifact-cache').describe('folder of this machine for artifacts of a bucket on their way'),
  DATAMCP_ARTIFACTS_CACHE_MB: z.coerce.number().int().min(1).default(4096).describe('what that folder keeps of artifacts that were read, in MB; what is in use does not count'),
  DATAMCP_RETENTION_RUNS_DAYS: days.default(90).describe('days that runs are kept after their end, with all that belongs to them; 0 keeps them for ever'),
  DATAMCP_RETENTION_ARTIFACTS_DAYS: days.default(90).describe('days that artifacts are kept after the end of the last run that refers to them; 0: as long as their run'),
  DATAMCP_RETENTION_LOGS_DAYS: days.default(30).describe('days that log lines of tasks are kept after the end of their run; 0: as long as their run'),
  DATAMCP_RETENTION_EVENTS_DAYS: days.default(30).describe('days that the events of a run are kept after its end; 0: as long as their run'),
  DATAMCP_RETENTION_INTERVAL_MS: milliseconds.default(600_000).describe('time between two rounds of each worker that remove what is kept no longer'),
  DATAMCP_DATA_DIRS: list.default([]).describe('folders that duckdb.query may read'),
  DATAMCP_DUCKDB_MEMORY_MB: z.coerce.number().int().min(32).default(256).describe('memory limit of one DuckDB instance in MB'),

  SMTP_URL: z.string().optional().describe('SMTP server of email.send and of the mails of approvals'),
  DATAMCP_MAIL_FROM: z.string().default('DataMCP <datamcp@localhost>').describe('sender of mails that do not name one'),
  DATAMCP_APPROVAL_WEBHOOKS: approvalWebhooks.prefault('[]').describe('programs that are told of approvals and may decide them, as JSON: `[{"name": "ops", "format": "generic", "url": "https://…", "secret": "…"}, {"name": "chat", "format": "slack", "url": "https://…", "users": {"U012AB": "ann"}}]`'),
  DATAMCP_SLACK_SIGNING_SECRET: z.string().min(shortestSecret).optional().describe('signing secret of the Slack app whose buttons decide approvals'),
  DATAMCP_TRUST_SIGNALS: z.enum(['true', 'false']).default('false').transform((text) => text === 'true').describe('whether signals and updates sent in Temporal decide approvals for whomever they name (`by`), without a credential; for development'),
  DATAMCP_OUTBOUND_ALLOW: list.default([]).describe('private networks (CIDR) that outgoing calls may reach; public ones always'),
  DATAMCP_CIRCUIT_FAILURES: z.coerce.number().int().min(1).default(5).describe('failures in a row after which a worker holds calls to a host back'),
  DATAMCP_CIRCUIT_PROBE_MS: milliseconds.default(10_000).describe('time after which one call finds out whether that host is back'),
  DATAMCP_SHELL_PROGRAMS: programs.default([]).describe('absolute paths of the programs that shell.run may start; without any it is off'),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin').describe('search path that programs of shell.run are given'),
  DATAMCP_PLUGINS: z.string().min(1).optional().describe('folder of processors of your own, loaded when a worker starts'),

  DATAMCP_WORKER_ACTIVITIES: z.coerce.number().int().min(1).default(2000).describe('activities that one worker runs at a time'),
  DATAMCP_WORKER_CACHED_WORKFLOWS: z.coerce.number().int().min(0).default(400).describe('workflows that one worker keeps in memory'),
  DATAMCP_WORKER_QUEUES: list.default([]).describe('further task queues whose activities this worker takes; the API shows them always if it has them here, else once a worker has told it of them'),
  DATAMCP_WORKER_HEALTH_HOST: z.string().min(1).default('127.0.0.1').describe('address on which the worker serves /livez, /readyz, /health and /metrics; without a key, so keep it inside'),
  DATAMCP_WORKER_HEALTH_PORT: port.default(0).describe('port of these; 0 takes a free one'),
  DATAMCP_WORKER_SDK_METRICS: z.enum(['true', 'false']).default('false').transform((text) => text === 'true').describe('whether the worker shows the metrics of Temporal\'s SDK (`temporal_*`), too'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional()
    .describe('where traces are sent: a receiver of OpenTelemetry\'s OTLP over HTTP, such as `http://localhost:4318`; without it none are made'),
  DATAMCP_SHUTDOWN_GRACE_MS: milliseconds.default(30_000).describe('time that running work has to end when a process is told to stop'),
}).refine((config) => (config.DATAMCP_ARTIFACTS_KEY_ID === undefined) === (config.DATAMCP_ARTIFACTS_SECRET_KEY === undefined), {
  path: ['DATAMCP_ARTIFACTS_KEY_ID'], error: 'is set together with DATAMCP_ARTIFACTS_SECRET_KEY, or neither is',
});

const secretPrefix = 'DATAMCP_SECRET_';

type Environment = Record<string, string | undefined>;
export type Config = z.output<typeof configSchema> & {
  /** `DATAMCP_SECRET_<NAME>` by name: what `secrets.<NAME>` reads. */
  secrets: Record<string, string>;
  /** `DATAMCP_CONNECTION_<NAME>` by lower-case name: URLs of the named connections. */
  connections: Record<string, string>;
};

const withPrefix = (environment: Environment, prefix: string): [string, string][] =>
  Object.entries(environment).flatMap(([name, value]) =>
    name.startsWith(prefix) && value !== undefined && value !== '' ? [[name.slice(prefix.length), value]] : []);

/** Told together with what is wrong anyway, so each setting is read by itself; one that cannot be read has its fault already. */
function faultsOfProduction(set: Environment, wrong: readonly string[]): string[] {
  const { shape } = configSchema;
  if (shape.DATAMCP_ENV.safeParse(set['DATAMCP_ENV']).data !== 'production') return [];
  const faults = productionFaults({
    DATABASE_URL: shape.DATABASE_URL.safeParse(set['DATABASE_URL']).data,
    DATAMCP_API_URL: shape.DATAMCP_API_URL.safeParse(set['DATAMCP_API_URL']).data,
    TEMPORAL_UI_URL: shape.TEMPORAL_UI_URL.safeParse(set['TEMPORAL_UI_URL']).data,
    DATAMCP_BOOTSTRAP_ADMIN_KEY: shape.DATAMCP_BOOTSTRAP_ADMIN_KEY.safeParse(set['DATAMCP_BOOTSTRAP_ADMIN_KEY']).data,
    DATAMCP_SECRETS_KEY: shape.DATAMCP_SECRETS_KEY.safeParse(set['DATAMCP_SECRETS_KEY']).data,
    DATAMCP_ARTIFACTS: shape.DATAMCP_ARTIFACTS.safeParse(set['DATAMCP_ARTIFACTS']).data,
    DATAMCP_TRUST_SIGNALS: shape.DATAMCP_TRUST_SIGNALS.safeParse(set['DATAMCP_TRUST_SIGNALS']).data,
  });
  const nameOf = (fault: string): string => fault.split(':', 1)[0] ?? '';
  return faults.filter((fault) => !wrong.some((other) => nameOf(other) === nameOf(fault)));
}

/**
 * Reads the configuration. Empty variables count as not set.
 * @throws AppError `request.invalid` that lists every fault, one a line
 */
export function loadConfig(environment: Environment = process.env): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const secrets = withPrefix(environment, secretPrefix);
  const parsed = configSchema.safeParse(set);
  const wrong = (parsed.error?.issues ?? []).map(({ path, code, message }) => {
    const name = path.join('.');
    return `${name}: ${code === 'invalid_type' && set[name] === undefined ? 'is missing' : message}`;
  });
  const short = secrets.filter(([, value]) => value.length < shortestSecret)
    .map(([name]) => `${secretPrefix}${name}: has fewer than ${shortestSecret} characters and could not be masked`);
  const faults = [...wrong, ...short, ...faultsOfProduction(set, wrong)];
  if (!parsed.success || faults.length > 0) {
    throw new AppError('request.invalid', `The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
  return {
    ...parsed.data,
    secrets: Object.fromEntries(secrets),
    connections: Object.fromEntries(withPrefix(environment, 'DATAMCP_CONNECTION_').map(([name, url]) => [name.toLowerCase(), url])),
  };
}
