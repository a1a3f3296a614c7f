import { proxyActivities } from '@temporalio/workflow';
import { longestDurationMs, parseDuration } from '../../domain/duration';
import type { ErrorInfo } from '../../domain/errors';
import type { Json, JsonObject } from '../../domain/json';
import { limits } from '../../domain/limits';
import type { TaskDispatch } from '../../domain/pipeline/dispatch';
import type { UnitRef } from '../../domain/pipeline/task-input';
import { foreignCall } from '../foreign-calls';
import { activityOptions, unitName } from '../task/task-proxy';
import type { UnitEnd } from '../task/unit-end';
import { jsonLength } from './run';

type NamedActivity = (...args: Json[]) => Promise<Json | undefined>;

/**
 * `temporal.activity`: an activity of a worker that is not ours. It knows nothing of runs, so it is given its arguments
 * as they are, and its result is the output.
 */
export async function runNamedActivity(task: TaskDispatch, unit: UnitRef, input: JsonObject): Promise<UnitEnd> {
  const { activity, taskQueue, args, heartbeatTimeout } = input;
  if (typeof activity !== 'string' || typeof taskQueue !== 'string') return failed('input_invalid', 'temporal.activity needs the name of an `activity` and its `taskQueue`');
  const heartbeatMs = typeof heartbeatTimeout === 'string' ? parseDuration(heartbeatTimeout) : undefined;
  if (heartbeatMs === null || (heartbeatMs ?? 0) > longestDurationMs) return failed('input_invalid', '`heartbeatTimeout` is no duration such as 30s');
  const activities = proxyActivities<Record<string, NamedActivity>>({
    ...activityOptions(task, unit, `${unitName(unit)} · ${activity}`), taskQueue, heartbeatTimeout: heartbeatMs,
  });
  const startedAt = new Date().toISOString();
  const output = await foreignCall(() => activities[activity]?.(...(Array.isArray(args) ? args : [])));
  return endOf(output ?? null, { startedAt, finishedAt: new Date().toISOString() });
}

function endOf(output: Json, times: { startedAt: string; finishedAt: string }): UnitEnd {
  if (output instanceof Uint8Array) return failed('output_invalid', 'The activity answered with bytes; an output is JSON');
  if (jsonLength(output) > limits.outputBytes) return failed('output_too_large', 'The output is over 64 KiB. Let the activity store it, and answer with where it is');
  return { outcome: 'succeeded', output, ...times };
}

const failed = (code: ErrorInfo['code'], message: string): UnitEnd => ({ outcome: 'failed', error: { code, message, retryable: false } });
