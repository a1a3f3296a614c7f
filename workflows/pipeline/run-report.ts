import type { TaskFact } from '../../domain/pipeline/facts';
import type { RunState, StatusChange } from '../../domain/pipeline/run-state';
import { isFinalTask, type RunStatus, type TaskStatus } from '../../domain/pipeline/status';
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
  if (instance < 0 && results.isExpanded(task)) Object.assign(fact, forEachFields(results, task, status, now));
  if (change.reason) fact.reason = change.reason;
  return fact;
}

/** The workflow itself carries a `forEach` out: it runs as soon as its first instance is handed out, and until the last one ends. */
function forEachFields(results: Results, task: number, status: TaskStatus, now: string): Partial<TaskFact> {
  if (isFinalTask(status)) {
    const { finishedAt, ...begun } = results.instancesOf(task);
    // The clock of a workflow stands still while quick instances run.
    return { ...begun, ...(finishedAt !== undefined && finishedAt > now && { finishedAt }) };
  }
  if (status === 'pending') return {};
  const items = results.itemsOf(task);
  return { ...(status === 'queued' && { status: 'running', startedAt: now, attempt: 1 }), ...(items && { items }) };
}

function endFields(end: UnitEnd | undefined): Pick<TaskFact, 'output' | 'artifact' | 'error'> {
  switch (end?.outcome) {
    case 'succeeded': return { ...(end.output != null && { output: end.output }), ...(end.artifact && { artifact: end.artifact }) };
    case 'failed': return { error: end.error };
    case 'cancelled':
    case undefined: return {};
  }
}

/**
 * A short Markdown status for the Temporal UI: what the run does now, without any other window.
 * @param sentences why it is where it is
 */
export function currentDetails(run: Run, state: RunState, sentences: string[]): string {
  const { total, succeeded, failed, skipped, cancelled, running, waiting, pending } = state.progress();
  const rows = Object.entries({ succeeded, failed, skipped, cancelled, running, waiting, pending }).filter(([, count]) => count > 0);
  return [
    `**${run.context.pipeline}** v${run.context.version}`, '', ...sentences, '', `| tasks | ${total} |`, '| --- | --- |', ...rows.map(([name, count]) => `| ${name} | ${count} |`),
  ].join('\n');
}
