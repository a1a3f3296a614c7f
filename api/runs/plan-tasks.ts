import { AppError } from '../../domain/errors';
import type { Plan, PlanTask } from '../../domain/pipeline/plan';
import type { TaskView } from '../../domain/pipeline/run';
import type { TaskStatus } from '../../domain/pipeline/status';
import { findRunRow, type RunRow } from '../../db/run-queries';
import { findTaskRows, findTaskStatuses, type RunTaskRow } from '../../db/run-task-queries';
import type { Dependencies } from '../dependencies';
import { statusWithoutRow, taskView } from './views';

/** @throws AppError `not_found` */
export async function requireRun({ pool }: Pick<Dependencies, 'pool'>, id: string): Promise<RunRow> {
  const row = await findRunRow(pool, id);
  if (!row) throw new AppError('not_found', `There is no run ${id}.`);
  return row;
}

/** The tasks of one run: its plan with the rows of its tasks laid over it. */
export class PlanTasks {
  private byId: Map<string, PlanTask> | undefined;

  private constructor(private readonly deps: Dependencies, readonly run: RunRow, readonly plan: Plan) {}

  static async of(deps: Dependencies, runId: string): Promise<PlanTasks> {
    const run = await requireRun(deps, runId);
    return new PlanTasks(deps, run, (await deps.plans.get(deps.pool, run.planHash)).plan);
  }

  needsOf(task: PlanTask): string[] {
    return (task.needs ?? []).flatMap((index) => this.plan.tasks[index]?.id ?? []);
  }

  find(id: string): PlanTask | undefined {
    this.byId ??= new Map(this.plan.tasks.map((task) => [task.id, task]));
    return this.byId.get(id);
  }

  /** @throws AppError `not_found` */
  require(id: string): PlanTask {
    const task = this.find(id);
    if (!task) throw new AppError('not_found', `The run ${this.run.id} has no task "${id}".`);
    return task;
  }

  view(task: PlanTask, row: RunTaskRow | undefined): TaskView {
    return taskView(this.run, task, this.needsOf(task), row);
  }

  /** Status of every task, in the order of the plan. */
  async statuses(): Promise<TaskStatus[]> {
    const known = await findTaskStatuses(this.deps.pool, this.run.id);
    return this.plan.tasks.map((task) => known.get(task.id) ?? statusWithoutRow(this.run));
  }

  /** Places in the plan from `from` on of tasks with one of these statuses, at most `limit`. */
  async places(statuses: readonly TaskStatus[] | undefined, from: number, limit: number): Promise<number[]> {
    const all = statuses && (await this.statuses());
    const found: number[] = [];
    for (let index = from; index < this.plan.tasks.length && found.length < limit; index += 1) {
      const status = all?.[index];
      if (status === undefined || statuses?.includes(status)) found.push(index);
    }
    return found;
  }

  async views(places: readonly number[]): Promise<TaskView[]> {
    const tasks = places.flatMap((index) => this.plan.tasks[index] ?? []);
    const rows = await findTaskRows(this.deps.pool, this.run.id, tasks.map((task) => task.id));
    return tasks.map((task) => this.view(task, rows.get(task.id)));
  }
}
