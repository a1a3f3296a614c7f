import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beginLoad } from '../load';
import type { Random } from '../random';
import { reckon } from '../reckoning';
import type { Figures } from '../scenario';
import { SmallDisk } from '../small-disk';
import { inWorld, type World } from '../world';

const runsOfEach = 5;

/** The bytes differ from run to run: equal ones would be kept once. */
const saving = (name: string, attempts: number): string => `
name: ${name}
defaults: { retry: { maxAttempts: ${attempts}, initialInterval: 500ms, backoff: 1.2, maxInterval: 3s } }
tasks:
  - { id: table, uses: duckdb.query, with: { sql: "select $1 as run, random() as n from range(5000)", params: ["\${{ run.id }}"], save: numbers.parquet } }
  - { id: report, uses: report.render, with: { title: "\${{ run.id }}", sections: [{ text: "\${{ run.id }}" }] } }
`;

/** The disk of the artifacts has no byte left for a while: those who wait are served when there is room, the others are told, and nobody else is hurt. */
export const diskFull = (random: Random, { fullMs }: { fullMs: number }): Promise<Figures> =>
  inWorld(async (world) => {
    const { stage } = world;
    const disk = new SmallDisk(join(stage.dir, 'small-disk'));
    const [worker] = await Promise.all([stage.startWorker({ environment: { DATAMCP_ARTIFACTS: disk.folder }, launcher: disk.launcher }), stage.startApi()]);
    disk.seenBy(worker.pid);
    await world.applyEffects();
    await world.apply('patient', saving('patient', 50));
    await world.apply('hasty', saving('hasty', 1));
    const load = beginLoad(world, random, { clients: 2, longestNapMs: 500, next: 'when ended' });
    disk.fill();
    const [patient, hasty] = [await startAll(world, 'patient'), await startAll(world, 'hasty')];
    const hastyEnds = await endsOf(world, hasty);
    await sleep(fullMs);
    disk.makeRoom();
    const again = await Promise.all(hasty.map(async (id) => String((await world.client.call('POST', `/v1/runs/${id}/rerun`, { from: 'failed' })).body['id'])));
    const laterEnds = await endsOf(world, [...patient, ...again]);
    await load.stop();
    const figures = await reckon(world, { fullSeconds: fullMs / 1_000, runsThatSave: patient.length + hasty.length + again.length });
    return { ...figures, breaches: [...figures.breaches, ...unlike('failed artifacts_full', hastyEnds), ...unlike('succeeded', laterEnds), ...disk.faultyFiles().map((file) => `${file} is half made`)] };
  });

const startAll = async (world: World, pipeline: string): Promise<string[]> =>
  (await Promise.all(Array.from({ length: runsOfEach }, (_, index) => world.start(pipeline, `${pipeline}-${index}`)))).filter((id) => id !== undefined);

/** How each task of these runs ended: its status and the code of its error. */
async function endsOf({ stage }: World, ids: string[]): Promise<string[]> {
  await Promise.all(ids.map((id) => stage.ended(id)));
  const { rows } = await stage.pool.query<{ end: string }>("select concat_ws(' ', status, error ->> 'code') as end from run_tasks where run_id = any($1)", [ids]);
  return rows.map(({ end }) => end);
}

const unlike = (expected: string, ends: string[]): string[] => ends.filter((end) => end !== expected).map((end) => `a task that saves ended as "${end}", not as "${expected}"`);
