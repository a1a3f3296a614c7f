import type { ErrorInfo } from '../../domain/errors';
import type { PlanTask } from '../../domain/pipeline/plan';
import type { RunView, TaskView } from '../../domain/pipeline/run';
import { isFinalRun, type TaskStatus } from '../../domain/pipeline/status';
import type { RunRow } from '../../db/run-queries';
import type { AttemptRow, RunTaskRow } from '../../db/run-task-queries';
import type { Config } from '../../platform/config';

const timeOf = (time: Date | null | undefined): string | null => time?.toISOString() ?? null;

/** Page of a workflow in the Temporal UI. */
export function temporalLink(config: Config, workflowId: string): string | null {
  if (config.TEMPORAL_UI_URL === undefined) return null;
  const base = config.TEMPORAL_UI_URL.replace(/\/$/, '');
  return `${base}/namespaces/${encodeURIComponent(config.TEMPORAL_NAMESPACE)}/workflows/${encodeURIComponent(workflowId)}`;
}

export const runView = (config: Config, row: RunRow): RunView => ({
  id: row.id,
  pipeline: row.pipeline,
  version: row.version,
  status: row.status,
  inputs: row.inputs,
  outputs: row.outputs,
  labels: row.labels,
  priority: row.priority,
  trigger: row.trigger,
  requestedBy: row.requestedBy,
  createdAt: row.createdAt.toISOString(),
  startedAt: timeOf(row.startedAt),
  finishedAt: timeOf(row.finishedAt),
  progress: row.progress,
  error: row.error,
  warnings: row.warnings,
  rerunOf: row.rerunOf,
  parentRun: row.parentRun,
  workflowId: row.workflowId,
  links: { temporal: temporalLink(config, row.workflowId), console: null },
});

/** What a task is that nothing is known of: a run that has ended starts it no more. */
export const statusWithoutRow = ({ status }: Pick<RunRow, 'status'>): TaskStatus => (isFinalRun(status) ? 'cancelled' : 'pending');

/** A task of a run: what the plan says, with what is known of it. */
export const taskView = (run: RunRow, task: PlanTask, needs: string[], row: RunTaskRow | undefined): TaskView => ({
  id: task.id,
  instance: row && row.instance >= 0 ? row.instance : null,
  uses: task.uses,
  status: row?.status ?? statusWithoutRow(run),
  attempt: row?.attempt ?? 0,
  generation: row?.generation ?? 0,
  startedAt: timeOf(row?.startedAt),
  finishedAt: timeOf(row?.finishedAt),
  needs,
  output: row?.output ?? null,
  error: row?.error ?? row?.retry?.error ?? null,
  progress: row?.progress ?? null,
  waitingFor: row?.waitingFor ?? (row?.retry ? 'retry' : null),
  nextAttemptAt: row?.retry ? new Date(row.retry.at).toISOString() : null,
  reusedFrom: row?.reusedFrom ?? null,
});

export interface AttemptView {
  instance: number | null;
  generation: number;
  attempt: number;
  startedAt: string;
  finishedAt: string | null;
  worker: string | null;
  error: ErrorInfo | null;
}

export const attemptView = (row: AttemptRow): AttemptView => ({
  ...row,
  instance: row.instance >= 0 ? row.instance : null,
  startedAt: row.startedAt.toISOString(),
  finishedAt: timeOf(row.finishedAt),
});
