import { AppError } from '../../domain/errors';
import { Nearest } from '../../domain/pipeline/definition/nearest';
import type { Fault } from '../../domain/pipeline/fault';
import type { Plan } from '../../domain/pipeline/plan';
import type { RerunFrom, RerunPlan } from '../../domain/pipeline/rerun/rerun-plan';
import { isFinalRun } from '../../domain/pipeline/status';
import type { FinishedTask, Origin } from '../../db/rerun';
import type { RunRow } from '../../db/run-queries';
import { invalidRequest } from '../json-guard';

/** Only an ended run has results that do not change any more. @throws AppError `run.not_possible` */
export function refuseOpenRun({ status }: RunRow): void {
  if (isFinalRun(status)) return;
  throw new AppError('run.not_possible', `The run is ${status}. Wait for its end or cancel it; a failed task of an open run can be retried.`, {
    details: { currentStatus: status },
  });
}

/** @throws AppError `request.invalid` with every task that the plan does not have */
export function refuseUnknownTasks(from: RerunFrom, plan: Plan, version: number): void {
  if (typeof from === 'string') return;
  const known = new Set(plan.tasks.map(({ id }) => id));
  const nearest = new Nearest();
  const faults = from.flatMap((id, index): Fault[] => {
    if (known.has(id)) return [];
    const suggestion = nearest.to(id, known);
    return [{ code: 'task.unknown', message: `version ${version} has no task ${id}`, path: `/from/${index}`, ...(suggestion !== undefined && { suggestion }) }];
  });
  if (faults.length > 0) throw invalidRequest(faults);
}

/** @throws AppError `rerun.changed` with everything that differs */
export function refuseChanged({ tasks }: RerunPlan): void {
  const changed = tasks.flatMap((task) => (task.verdict === 'changed' ? [task] : []));
  const [first] = changed;
  if (!first) return;
  const errors = changed.flatMap(({ task, differs }) => differs.map((field) => ({
    code: 'rerun.changed', message: `${task} has succeeded with another \`${field}\``,
    path: field.startsWith('inputs.') ? `/inputs/${field.slice('inputs.'.length)}` : '/version',
  })));
  const more = changed.length > 1 ? ` (and ${changed.length - 1} more)` : '';
  throw new AppError('rerun.changed', `${first.task} has succeeded, and would have to run again because ${first.differs.join(', ')} changed${more}. changed: "run" allows it.`, {
    details: { errors },
  });
}

/**
 * What retention has taken cannot be reused: a result whose artifacts are gone is none.
 * @param reused results that the new run would refer to
 * @throws AppError `rerun.results_removed`
 */
export function refuseRemoved(origins: readonly Origin[], reused: readonly FinishedTask[], source: RunRow): void {
  const byId = new Map(origins.map((origin) => [origin.id, origin]));
  const isGone = ({ origin, hasArtifacts }: FinishedTask): boolean => {
    const from = byId.get(origin);
    return from === undefined ? hasArtifacts : from.expired || (hasArtifacts && from.artifactsRemoved);
  };
  const gone = reused.filter(isGone);
  if (gone.length === 0 && byId.get(source.id)?.expired === false) return;
  const what = gone.length > 0 ? `The results of ${gone.slice(0, 5).map(({ task }) => task).join(', ')}${gone.length > 5 ? ' and others' : ''} have` : `The run ${source.id} has`;
  throw new AppError('rerun.results_removed', `${what} been removed, because they are kept no longer (retention). ${gone.length > 0 ? 'Name these tasks in from, or start' : 'Start'} a new run.`, {
    details: { errors: gone.map(({ task }) => ({ code: 'rerun.results_removed', message: `the result of ${task} is gone`, path: '/from' })) },
  });
}

/** A rerun of which nothing would run is a mistake, unless its outputs may differ. @throws AppError `run.not_possible` */
export function refuseNothing({ tasks }: RerunPlan, source: RunRow, sameAsBefore: boolean): void {
  if (!sameAsBefore || tasks.some(({ verdict }) => verdict !== 'reuse')) return;
  throw new AppError('run.not_possible', `The run ${source.status}, and nothing of it would run again. Name the tasks that shall, or ask for everything with from: "start".`, {
    details: { currentStatus: source.status },
  });
}
