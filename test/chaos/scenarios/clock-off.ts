import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Surroundings } from '../../faults/process-stage';
import type { Random } from '../random';
import { reckon } from '../reckoning';
import type { Figures } from '../scenario';
import { beginLoad } from '../load';
import { inWorld, type World } from '../world';

/** Where Debian's package `libfaketime` puts it, in the system and where scripts/chaos.mjs unpacks it. */
const places = ['/usr/lib', join(__dirname, '..', '..', '..', 'node_modules', '.cache', 'faketime', 'usr', 'lib')];

const libraries = places.flatMap((place) => (existsSync(place) ? readdirSync(place).map((name) => join(place, name, 'faketime', 'libfaketimeMT.so.1')) : [])).filter(existsSync);

/** The monotonic clock stays: that one no administrator sets wrong. */
const off = (hours: '+1h' | '-1h'): Surroundings => ({ environment: { LD_PRELOAD: libraries[0] ?? '', FAKETIME: hours, FAKETIME_DONT_FAKE_MONOTONIC: '1' } });

/** Nothing, when a process of ours really has the wrong time under it. */
export function missingForClocks(): string | undefined {
  if (libraries.length === 0) return 'no libfaketime';
  const hour = Number(spawnSync(process.execPath, ['-p', 'Date.now()'], { env: { ...off('+1h').environment } }).stdout) - Date.now();
  return hour > 3_500_000 ? undefined : 'libfaketime does not work';
}

const wrongClocks = (['worker', 'api'] as const).flatMap((part) => (['+1h', '-1h'] as const).map((hours) => ({ part, hours })));

/** The clock of the worker or of the API is an hour fast or slow, one after the other, on the same rows. */
export const clockOff = (random: Random, { runs }: { runs: number }): Promise<Figures> =>
  inWorld(async (world) => {
    const { stage } = world;
    for (const { part, hours } of wrongClocks) {
      const processes = await Promise.all([stage.startWorker(part === 'worker' ? off(hours) : {}), stage.startApi(part === 'api' ? off(hours) : {})]);
      await world.applyEffects();
      await beginLoad(world, random, { clients: 4, runs, longestNapMs: 300, next: 'when ended', name: `${part}${hours}` }).done;
      await Promise.all(processes.map((each) => stage.stop(each)));
    }
    const figures = await reckon(world, { clocks: wrongClocks.map(({ part, hours }) => `${part} ${hours}`).join(', ') });
    return { ...figures, breaches: [...figures.breaches, ...await brokenTimes(world)] };
  });

/** Runs that would seem to have ended before they began, or to have taken an hour. */
async function brokenTimes({ stage }: World): Promise<string[]> {
  const { rows } = await stage.pool.query<{ id: string }>(
    "select id from runs where not (created_at <= started_at and started_at <= finished_at and finished_at - created_at < interval '30 minutes')");
  return rows.map(({ id }) => `the times of run ${id} are not in order`);
}
