import type { ApiClient } from '../client';
import { humanDuration } from '../time';
import type { MeView } from '../wire';
import { fail, look, ok, warn, type Finding } from './finding';

/** A difference above this makes times in logs, and the expiry of keys, misleading. */
const tolerableSkewMs = 5_000;

/** Whether the API answers at all, and whether its clock agrees with ours. */
export const reach = (client: ApiClient, nowMs: () => number): Promise<Finding[]> => look('api', async () => {
  const before = nowMs();
  const response = await client.open('/livez');
  const text = await response.text();
  const took = nowMs() - before;
  if (!text.includes('alive')) {
    return [fail('api', `something answers at ${client.target.apiUrl}, but it is not the API`, 'look at DATAMCP_API_URL or --api-url: another program may have taken the port')];
  }
  const date = Date.parse(response.headers.get('date') ?? '');
  return [ok('api', `answers in ${humanDuration(took)}`), ...(Number.isNaN(date) ? [] : [skewFinding(before + took / 2 - date)])];
});

/** @param aheadMs how far this clock is before the server's; the Date header has whole seconds only */
export function skewFinding(aheadMs: number): Finding {
  const size = Math.max(0, Math.abs(aheadMs) - 1000);
  if (size <= tolerableSkewMs) return ok('clock', 'agrees with the server');
  const direction = aheadMs > 0 ? 'ahead of' : 'behind';
  return warn('clock', `this machine is ${humanDuration(size)} ${direction} the server`, 'synchronise both clocks (NTP): times of logs and the expiry of keys mislead meanwhile');
}

export const version = (client: ApiClient, own: string): Promise<Finding[]> => look('version', async () => {
  const { version: theirs } = await client.get<{ version: string }>('/version');
  return [theirs === own ? ok('version', own) : warn('version', `the API is ${theirs}, this program ${own}`, 'use the same version on both sides')];
});

const soonMs = 7 * 86_400_000;

/** Who we are to the API, and what that allows. */
export const key = (client: ApiClient, nowMs: () => number): Promise<Finding[]> => look('key', async () => {
  const me = await client.get<MeView>('/v1/me');
  const who = `${me.subject.name}: ${me.roles.join(', ') || 'no roles'}`;
  if (me.roles.length === 0) return [warn('key', who, 'a key without roles can do nothing but ask who it is: make one with roles (`datamcp keys create --role …`)')];
  const leftMs = me.expiresAt === null ? Infinity : Date.parse(me.expiresAt) - nowMs();
  return [leftMs > soonMs ? ok('key', who) : warn('key', `${who}; it expires in ${humanDuration(leftMs)}`, 'make a new key (`datamcp keys create`) and use it from now on')];
});
