import type { Arrived } from './far-end';
import { enough, type Figures } from './scenario';
import type { World } from './world';

interface Ends { run: string; what: string; ends: number }

/** Compares what was acknowledged with the rows of runs, their events, and what reached the far end. */
export async function reckon(world: World, notes: Figures['notes'] = {}): Promise<Figures> {
  await world.settled();
  const [arrived, ends, known, endings, repeatedTasks] = await Promise.all([
    world.farEnd.arrived(world.stage.pool), endsOf(world), runsOf(world), world.endings(), repeatedTasksOf(world),
  ]);
  const ids = [...world.acknowledged.keys()];
  const succeeded = ids.filter((id) => endings.get(id)?.status === 'succeeded');
  const endedOnce = ids.filter((id) => hasEndedOnce(id, ends));
  const { calls, firstTry, failed } = world.client;
  return {
    operations: { all: calls, firstTry, withRetry: calls - failed },
    runs: { acknowledged: ids.length, succeeded: succeeded.length, endedOnce: endedOnce.length },
    effects: {
      rows: sum(arrived.rows.values()),
      posts: arrived.posts.size, repeatedPosts: repeated(arrived.posts), mails: arrived.mails.size, repeatedMails: repeated(arrived.mails),
    },
    notes: { ...notes, repeatedTasks },
    breaches: [
      ...enough('operations', calls - failed, calls), ...enough('runs', succeeded.length, ids.length),
      ...known.filter((id) => !world.acknowledged.has(id)).slice(world.unanswered).map((id) => `run ${id} exists, and nobody was told`),
      ...ids.filter((id) => !known.includes(id)).map((id) => `run ${id} was accepted, and is lost`),
      ...ids.filter((id) => !endedOnce.includes(id)).map((id) => `run ${id} did not end exactly once`),
      ...ends.filter(({ ends: count }) => count > 1).map(({ run, what, ends: count }) => `${what} of run ${run} ended ${count} times`),
      ...ids.filter((id) => JSON.stringify(endings.get(id)) !== JSON.stringify(world.acknowledged.get(id))).map((id) => `the end of run ${id} has changed`),
      ...ids.flatMap((id) => effectBreaches(id, endings.get(id)?.status === 'succeeded', arrived)),
      ...[...arrived.rows.keys(), ...arrived.posts.keys(), ...arrived.mails.keys()].filter((id) => !known.includes(id)).map((id) => `an effect of ${id}, which is no run`),
    ],
  };
}

/** A run that has succeeded has had each effect; one that has not, at most. Rows are exactly once, the others bear one key. */
function effectBreaches(id: string, hasSucceeded: boolean, { rows, posts, mails }: Arrived): string[] {
  const counts = { rows: rows.get(id) ?? 0, keys: new Set(posts.get(id)).size, 'ids of mails': new Set(mails.get(id)).size };
  return Object.entries(counts).flatMap(([what, count]) => (count > 1 || (hasSucceeded && count < 1) ? [`run ${id} has ${count} ${what}`] : []));
}

export const hasEndedOnce = (id: string, ends: Ends[]): boolean => ends.some(({ run, what, ends: count }) => run === id && what === 'run' && count === 1);

/** How often the run and each of its units ended, by their events: a unit once in each generation. */
export async function endsOf({ stage }: World): Promise<Ends[]> {
  const { rows } = await stage.pool.query<Ends>(`
    select run_id as run, case when type like 'run.%' then 'run' else concat_ws(' ', data ->> 'task', data ->> 'instance', data ->> 'generation') end as what, count(*) as ends
    from run_events where type ~ '\\.(succeeded|failed|skipped|cancelled|timed_out)$' group by 1, 2`);
  return rows;
}

async function runsOf({ stage }: World): Promise<string[]> {
  const { rows } = await stage.pool.query<{ id: string }>("select id from runs where pipeline = 'effects'");
  return rows.map(({ id }) => id);
}

/** Tasks of which more than one attempt began: the fault was felt. */
async function repeatedTasksOf({ stage }: World): Promise<number> {
  const { rows: [row] } = await stage.pool.query<{ count: number }>("select count(*) from run_tasks t join runs r on r.id = t.run_id where r.pipeline = 'effects' and t.attempt > 1");
  return row?.count ?? 0;
}

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);
const repeated = (groups: Map<string, string[]>): number => sum([...groups.values()].map((keys) => keys.length - 1));
