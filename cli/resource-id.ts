import { AppError } from '../domain/errors';
import type { RunView } from '../domain/pipeline/run';
import type { ApiClient } from './client';
import type { ApprovalSummaryView } from './wire';

const whole = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const prefix = /^[0-9a-f][0-9a-f-]{3,34}$/i;
/** A prefix is looked for among this many of the newest. */
const searched = 500;

/** A list of things that users mean by their ids, newest first. */
interface Listed<T> {
  one: string;
  path: string;
  nameOf: (item: T) => string;
}

/**
 * The id that a user means: a whole id, `@last` for the newest run, or a beginning that only one run has. A child run is
 * never the last one, but the run that it belongs to.
 * @throws AppError `not_found`, or `request.invalid` when several runs begin like that
 */
export async function resolveRunId(client: ApiClient, argument: string): Promise<string> {
  const id = await resolveId<RunView>(client, argument, { one: 'run', path: '/v1/runs', nameOf: ({ pipeline }) => pipeline });
  return argument === '@last' ? rootOf(client, id) : id;
}

async function rootOf(client: ApiClient, id: string): Promise<string> {
  const { parentRun } = await client.get<RunView>(`/v1/runs/${id}`);
  return parentRun === null ? id : rootOf(client, parentRun);
}

/** The same of approvals, as far as they can be seen. */
export const resolveApprovalId = (client: ApiClient, argument: string): Promise<string> =>
  resolveId<ApprovalSummaryView>(client, argument, { one: 'approval', path: '/v1/approvals', nameOf: ({ title }) => title });

async function resolveId<T extends { id: string }>(client: ApiClient, argument: string, { one, path, nameOf }: Listed<T>): Promise<string> {
  if (whole.test(argument)) return argument.toLowerCase();
  if (argument !== '@last' && !prefix.test(argument)) {
    throw new AppError('request.invalid', `"${argument}" is no ${one} id: give the id, at least 4 characters of its beginning, or @last`);
  }
  const isLast = argument === '@last';
  const newest = await client.list<T>(path, {}, isLast ? 1 : searched);
  const found = isLast ? newest : newest.filter(({ id }) => id.startsWith(argument.toLowerCase()));
  const [only, another] = found;
  if (only === undefined) throw new AppError('not_found', isLast ? `There is no ${one} yet` : `None of the newest ${searched} ${one}s begins with "${argument}"`);
  if (another !== undefined) {
    const some = found.slice(0, 5).map((item) => `${item.id} (${nameOf(item)})`);
    throw new AppError('request.invalid', `${found.length} ${one}s begin with "${argument}": ${some.join(', ')}`);
  }
  return only.id;
}
