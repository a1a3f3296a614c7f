import type { TaskFact } from '../../domain/pipeline/facts';
import type { RunState, StatusChange } from '../../domain/pipeline/run-state';
import { isFinalTask, type RunStatus } from '../../domain/pipeline/status';
import type { UnitEnd } from '../task/unit-end';
import type { Results } from './results';
import type { Run } from './run';

/** The status of an open run. */
export const runStatus = (state: RunState): RunStatus => state.status();

/** What the read model is told of a change of a task's status. */
export function taskFactOf(run: Run, results: Results, change: StatusChange, end: UnitEnd | undefined, now: string): Omit<TaskFact, 'seq'> {
  const { task, instance, generation, status } = change;
  const planned = run.plan.inline?.tasks[task];
  const fact: Omit<TaskFact, 'seq'> = {
    task: planned?.id ?? task, status, at: now, ...(instance >= 0 && { instance }), ...(generation > 0 && { generation }),
  };
  if (end?.attempt) fact.attempt = end.attempt;
  if (end?.startedAt) fact.startedAt = end.startedAt;
  if (status === 'waiting') Object.assign(fact, { startedAt: now, waitingFor: planned?.uses ?? 'a waiting step' });
  if (isFinalTask(status)) Object.assign(fact, { finishedAt: end?.finishedAt ?? now }, endFields(end));
  const items = instance < 0 && status === 'queued' ? results.itemsOf(task) : undefined;
  if (items) fact.items = items;
  return fact;
}

function endFields(end: UnitEnd | undefined): Pick<TaskFact, 'output' | 'artifact' | 'error'> {
  switch (end?.outcome) {
    case 'succeeded': return { ...(end.output != null && { output: end.output }), ...(end.artifact && { artifact: end.artifact }) };
    case 'failed': return { error: end.error };
    case 'cancelled':
    case undefined: return {};
  }
}

/** A short Markdown status for the Temporal UI: what the run does now, without any other window. */
export function currentDetails(run: Run, state: RunState, outcome?: RunStatus): string {
  const { total, succeeded, failed, skipped, cancelled, running, waiting, pending } = state.progress();
  const rows = Object.entries({ succeeded, failed, skipped, cancelled, running, waiting, pending }).filter(([, count]) => count > 0);
  return [
    `**${run.context.pipeline}** v${run.context.version} ${outcome ?? (state.stopReason ? 'is stopping' : `is ${state.status()}`)}`,
    '', `| tasks | ${total} |`, '| --- | --- |', ...rows.map(([name, count]) => `| ${name} | ${count} |`),
  ].join('\n');
}
