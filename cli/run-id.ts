import { AppError } from '../domain/errors';
import type { RunView } from '../domain/pipeline/run';
import type { ApiClient } from './client';

const whole = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const prefix = /^[0-9a-f][0-9a-f-]{3,34}$/i;
/** A prefix is looked for among this many of the newest runs. */
const searched = 500;

/**
 * The id that a user means: a whole id, `@last` for the newest run, or a beginning that only one run has.
 * @throws AppError `not_found`, or `request.invalid` when several runs begin like that
 */
export async function resolveRunId(client: ApiClient, argument: string): Promise<string> {
  if (whole.test(argument)) return argument.toLowerCase();
  if (argument === '@last') return newestRun(client);
  if (!prefix.test(argument)) {
    throw new AppError('request.invalid', `"${argument}" is no run id: give the id, at least 4 characters of its beginning, or @last`);
  }
  const runs = await client.list<RunView>('/v1/runs', {}, searched);
  const found = runs.filter((run) => run.id.startsWith(argument.toLowerCase()));
  const [only, another] = found;
  if (only === undefined) throw new AppError('not_found', `None of the newest ${searched} runs begins with "${argument}"`);
  if (another !== undefined) {
    const some = found.slice(0, 5).map((run) => `${run.id} (${run.pipeline})`);
    throw new AppError('request.invalid', `${found.length} runs begin with "${argument}": ${some.join(', ')}`);
  }
  return only.id;
}

async function newestRun(client: ApiClient): Promise<string> {
  const [run] = await client.list<RunView>('/v1/runs', {}, 1);
  if (!run) throw new AppError('not_found', 'There is no run yet');
  return run.id;
}
