import { isFinalRun } from '../../domain/pipeline/status';
import type { RunView } from '../../domain/pipeline/run';
import { preferredWaitSeconds } from '../headers';
import type { Call, Reply } from '../route';
import { waitForEnd } from '../wait';
import { requireRun } from './plan-tasks';
import { runView } from './views';

const placeOf = (id: string): string => `/v1/runs/${id}`;

/** Aborted when the caller hangs up or the process stops. */
export function endOfInterest({ deps, response }: Pick<Call<unknown, unknown, unknown>, 'deps' | 'response'>): AbortSignal {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  return AbortSignal.any([gone.signal, deps.stopping]);
}

/** The run as it is now, or, as `Prefer: wait` asks, as it is when it ends or the seconds are over. */
export async function runNow(call: Call<unknown, unknown, unknown>, id: string): Promise<{ run: RunView; headers: Record<string, string> }> {
  const { deps, request } = call;
  const seconds = preferredWaitSeconds(request);
  if (seconds > 0) await waitForEnd(deps, id, seconds, endOfInterest(call));
  const run = runView(deps.config, await requireRun(deps, id));
  return { run, headers: seconds > 0 ? { 'Preference-Applied': `wait=${seconds}` } : {} };
}

/** The answer to an action: 200 when it is known to have happened, else 202 with the place to look. */
export async function actionReply(call: Call<unknown, unknown, unknown>, id: string, confirmed: boolean): Promise<Reply<RunView>> {
  const { run, headers } = await runNow(call, id);
  const status = confirmed || isFinalRun(run.status) ? 200 : 202;
  return { status, body: run, headers: { ...headers, Location: placeOf(id) } };
}

/** The answer to a start: 202, or 200 when the caller waited and the run is over. */
export async function startedReply(call: Call<unknown, unknown, unknown>, accepted: Reply<RunView>): Promise<Reply<RunView>> {
  if (preferredWaitSeconds(call.request) === 0) return accepted;
  const { run, headers } = await runNow(call, accepted.body.id);
  return { status: isFinalRun(run.status) ? 200 : 202, body: run, headers: { ...accepted.headers, ...headers } };
}
