import { readFile, stat, statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { z } from 'zod';
import { diskRoom } from '../../domain/disk-room';
import { startAdvice } from '../client';
import { humanBytes } from '../text';
import type { Target } from '../environment';
import { fail, look, ok, warn, type Finding } from './finding';

const pid = z.number().int().positive().nullable();
/** The parts of `.datamcp/stack.json` that say where the stack is. */
const stackFile = z.object({
  temporalAddress: z.string(),
  databaseUrl: z.string(),
  mailUrl: z.string().nullish(),
  temporalUiUrl: z.string().nullish(),
  pids: z.object({ supervisor: pid.optional(), api: pid, workers: z.array(pid), temporal: pid, postgres: pid, mail: pid.optional() }),
});
type StackFile = z.output<typeof stackFile>;

const answerMs = 2_000;

/** Where the address of the API comes from, and whether that can be right. */
export async function configuration(target: Target): Promise<Finding[]> {
  const { apiUrl, source } = target;
  const found = `${apiUrl} (from ${source.name})`;
  switch (source.kind) {
    case 'option': case 'variable': return [ok('config', found)];
    case 'default': return [warn('config', `${found}: nothing says where the API is`, startAdvice)];
    case 'stack': return [ok('config', found), ...await look('config', () => keyFile(source.name))];
  }
}

async function keyFile(path: string): Promise<Finding[]> {
  const { mode } = await stat(path);
  return (mode & 0o077) === 0 ? [] : [warn('config', `others on this machine can read the admin key in ${path}`, `take that right away: chmod 600 ${path}`)];
}

/** Processes, ports and room of the stack of this folder; nothing when the API is somewhere else. */
export async function localStack({ source }: Target): Promise<Finding[]> {
  if (source.kind !== 'stack') return [];
  return look('stack', async () => {
    const { data: file } = stackFile.safeParse(JSON.parse(await readFile(source.name, 'utf8')));
    if (!file) return [warn('stack', `${source.name} is of another version of the product`, 'start the stack anew: npm start')];
    return [processFinding(file), ...await Promise.all(addressesOf(file).map(([name, host, port]) => portFinding(name, host, port))), await roomIn(dirname(source.name))];
  });
}

function processFinding({ pids }: StackFile): Finding {
  const parts = { supervisor: pids.supervisor, API: pids.api, Temporal: pids.temporal, Postgres: pids.postgres, mail: pids.mail };
  const all = [...Object.entries(parts), ...pids.workers.map((worker): [string, number | null] => ['worker', worker])];
  const gone = all.flatMap(([name, id]) => (typeof id === 'number' && !isAlive(id) ? [`${name} (${id})`] : []));
  if (typeof pids.supervisor === 'number' && !isAlive(pids.supervisor)) {
    return fail('stack', `the stack that wrote stack.json has ended: process ${pids.supervisor} is gone`, 'start it again with `npm start`; it goes on with the runs that were open');
  }
  if (gone.length > 0) return warn('stack', `these processes are gone: ${gone.join(', ')}`, 'the stack starts them again by itself; if not, their logs in .datamcp/logs say why');
  return ok('stack', 'all its processes live');
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function addressesOf({ temporalAddress, databaseUrl, mailUrl, temporalUiUrl }: StackFile): [name: string, host: string, port: number][] {
  const urls = { Temporal: `tcp://${temporalAddress}`, Postgres: databaseUrl, Mail: mailUrl, 'Temporal UI': temporalUiUrl };
  return Object.entries(urls).flatMap(([name, url]): [string, string, number][] => {
    if (!url || !URL.canParse(url)) return [];
    const { hostname, port, protocol } = new URL(url);
    return [[name, hostname, Number(port) || (protocol === 'postgresql:' ? 5432 : 80)]];
  });
}

function portFinding(name: string, host: string, port: number): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: answerMs });
    const end = (finding: Finding): void => {
      socket.destroy();
      resolve(finding);
    };
    const nobody = (cause: string): Finding =>
      fail(`port ${port}`, `${name} cannot be reached at ${host}:${port}: ${cause}`, 'the stack starts what has ended again; if it stays away, see its log in .datamcp/logs');
    socket.once('connect', () => end(ok(`port ${port}`, `${name} listens`)));
    socket.once('timeout', () => end(nobody('no answer')));
    socket.once('error', (error) => end(nobody(error.message)));
  });
}

async function roomIn(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  return roomFinding(folder, bavail * bsize);
}

/** @param free bytes that are left for users */
export function roomFinding(folder: string, free: number): Finding {
  const next = `make room on the disk of ${folder}, or let retention remove more (DATAMCP_RETENTION_RUNS_DAYS, DATAMCP_RETENTION_ARTIFACTS_DAYS)`;
  if (free < diskRoom.tooLittle) return fail('disk', `${humanBytes(free)} are left: Postgres and the artifacts will soon stop`, next);
  return free < diskRoom.little ? warn('disk', `${humanBytes(free)} are left`, next) : ok('disk', `${humanBytes(free)} are left`);
}
