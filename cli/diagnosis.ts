import { AppError } from '../domain/errors';
import type { Cli } from './cli';
import { ApiClient } from './client';
import { problemOf } from './problem';
import { sleep } from './retry';
import { humanDuration } from './time';
import type { HealthView, MeView } from './wire';

/** One thing that was looked at. */
export interface Finding {
  name: string;
  level: 'fine' | 'warning' | 'fault';
  message: string;
  /** What to do about it. */
  advice?: string;
}

/** A difference above this makes times in logs, and expiry of keys, misleading. */
const tolerableSkewMs = 5_000;

/** Looks at everything between here and the workers, nearest first. Does not throw: what fails is a finding. */
export async function examine(cli: Cli): Promise<Finding[]> {
  const client = new ApiClient(cli.target, cli.host.version, { attempts: 1, firstDelayMs: 0, maxDelayMs: 0 }, sleep);
  const here: Finding[] = [{ name: 'address', level: 'fine', message: `${cli.target.apiUrl} (from ${cli.target.source.name})` }];
  const reach = await reachFindings(client, cli.host.nowMs);
  if (reach.some((finding) => finding.level === 'fault')) return [...here, ...reach];
  const [version, key, health] = await Promise.all([versionFinding(client, cli.host.version), keyFinding(client), healthFindings(client)]);
  return [...here, ...reach, version, key, ...health];
}

async function reachFindings(client: ApiClient, nowMs: () => number): Promise<Finding[]> {
  const before = nowMs();
  try {
    const response = await client.open('/livez');
    await response.body?.cancel();
    const took = nowMs() - before;
    const date = Date.parse(response.headers.get('date') ?? '');
    return [
      { name: 'api', level: 'fine', message: `answers in ${humanDuration(took)}` },
      ...(Number.isNaN(date) ? [] : [skewFinding(before + took / 2 - date)]),
    ];
  } catch (error) {
    return [faultOf('api', error)];
  }
}

/** @param aheadMs how far this clock is before the server's; the Date header has whole seconds only */
export function skewFinding(aheadMs: number): Finding {
  const size = Math.max(0, Math.abs(aheadMs) - 1000);
  if (size <= tolerableSkewMs) return { name: 'clock', level: 'fine', message: 'agrees with the server' };
  const direction = aheadMs > 0 ? 'ahead of' : 'behind';
  return { name: 'clock', level: 'warning', message: `this machine is ${humanDuration(size)} ${direction} the server`, advice: 'synchronise both clocks (NTP)' };
}

async function versionFinding(client: ApiClient, own: string): Promise<Finding> {
  try {
    const { version } = await client.get<{ version: string }>('/version');
    if (version === own) return { name: 'version', level: 'fine', message: own };
    return { name: 'version', level: 'warning', message: `the API is ${version}, this program ${own}`, advice: 'use the same version on both sides' };
  } catch (error) {
    return faultOf('version', error);
  }
}

async function keyFinding(client: ApiClient): Promise<Finding> {
  try {
    const me = await client.get<MeView>('/v1/me');
    return { name: 'key', level: 'fine', message: `${me.subject.name}: ${me.roles.join(', ') || 'no roles'}` };
  } catch (error) {
    return faultOf('key', error);
  }
}

const advices: Record<string, string> = {
  postgres: 'nothing can be accepted or shown without it: look at the database and DATABASE_URL',
  temporal: 'runs wait until it is back: look at the Temporal server and TEMPORAL_ADDRESS',
  workers: 'no worker takes tasks: start one, and see that it has the same task queue',
};

async function healthFindings(client: ApiClient): Promise<Finding[]> {
  try {
    const health = await client.get<HealthView>('/health', { resultStatuses: [503] });
    return Object.entries(health.components).map(([name, { status, detail }]) => componentFinding(name, status, detail));
  } catch (error) {
    return [faultOf('health', error)];
  }
}

function componentFinding(name: string, status: string, detail: string | null): Finding {
  const level = status === 'healthy' ? 'fine' : status === 'degraded' ? 'warning' : 'fault';
  const advice = level === 'fine' ? undefined : advices[name];
  return { name, level, message: detail === null ? status : `${status}: ${detail}`, ...(advice !== undefined && { advice }) };
}

function faultOf(name: string, error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error);
  const advice = adviceFor(error);
  return { name, level: 'fault', message, ...(advice !== undefined && { advice }) };
}

function adviceFor(error: unknown): string | undefined {
  if (!(error instanceof AppError)) return undefined;
  if (error.code === 'auth.required') return 'set DATAMCP_API_KEY, or call from the folder of the running stack';
  return problemOf(error) === undefined ? 'start a local stack with `npm start`, or point DATAMCP_API_URL at a running one' : undefined;
}
