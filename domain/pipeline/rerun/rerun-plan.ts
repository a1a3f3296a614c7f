import type { JsonObject } from '../../json';
import { orderOf } from '../definition/graph';
import { referencesOf, statusNames } from '../expressions';
import type { Plan, PlanTask } from '../plan';
import type { RunStatus, TaskStatus } from '../status';
import { changedInputs } from './rerun-inputs';
import { reuseMark } from './reuse-marks';
import { TaskComparison } from './task-difference';

/** Where a rerun begins: with everything, with what did not succeed, or with these tasks; and what is below. */
export type RerunFrom = 'start' | 'failed' | readonly string[];

export interface OldRun {
  plan: Plan;
  inputs: JsonObject;
  status: RunStatus;
  /** Of those tasks that something is known of. */
  tasks: ReadonlyMap<string, TaskStatus>;
  /** Approvals that whoever asks for the rerun has voted on, and as its requester may not decide. */
  ownDecisions?: ReadonlySet<string>;
}

/** What a rerun does with a task of its plan, in the words of the API. */
export type TaskVerdict = { task: string; matchesItems: boolean } & (
  | { verdict: 'reuse'; status: 'succeeded' | 'skipped' }
  /** `because` says why, for people. */
  | { verdict: 'run'; because: string }
  /** It could have been reused, if this did not differ: names of fields, and `inputs.<name>`. */
  | { verdict: 'changed'; differs: string[] }
);

export interface RerunPlan {
  /** In the order of the plan. */
  tasks: TaskVerdict[];
  /** Tasks of the old run that the new plan does not have. */
  removed: string[];
}

/**
 * Decides what a rerun reuses. A result is reused if it is final without a failure, nothing above it runs again, nobody
 * asked for it, and the new run could not come to another one. O(tasks + edges).
 * @param next the plan and the inputs of the new run
 * @throws AppError `expression_failed` when an expression is not valid
 */
export function planRerun(old: OldRun, next: { plan: Plan; inputs: JsonObject }, from: RerunFrom): RerunPlan {
  const { tasks } = next.plan;
  const judge = new Judge(old, next, from);
  const verdicts: (TaskVerdict | undefined)[] = Array.from({ length: tasks.length }, () => undefined);
  for (const index of orderOf(tasks.map(({ needs }) => needs ?? [])).sorted) {
    const task = tasks[index];
    if (task) verdicts[index] = judge.verdictOf(task, (task.needs ?? []).flatMap((need) => verdicts[need] ?? []));
  }
  const known = new Set(tasks.map(({ id }) => id));
  return {
    tasks: verdicts.flatMap((verdict) => verdict ?? []),
    removed: old.plan.tasks.flatMap(({ id }) => (known.has(id) ? [] : [id])),
  };
}

/** For the workflow of the new run. */
export function marksOf({ tasks }: RerunPlan): Uint8Array {
  return Uint8Array.from(tasks, (task) => {
    if (task.verdict === 'reuse') return reuseMark[task.status];
    return task.matchesItems ? reuseMark.matchItems : reuseMark.run;
  });
}

class Judge {
  private readonly named: ReadonlySet<string>;
  private readonly before: ReadonlyMap<string, PlanTask>;
  private readonly comparison: TaskComparison;

  constructor(private readonly old: OldRun, next: { plan: Plan; inputs: JsonObject }, private readonly from: RerunFrom) {
    this.named = new Set(typeof from === 'string' ? [] : from);
    this.before = new Map(old.plan.tasks.map((task) => [task.id, task]));
    this.comparison = new TaskComparison(old.plan, next.plan, changedInputs(old.inputs, next.inputs));
  }

  /** @param needs verdicts of its needs */
  verdictOf(task: PlanTask, needs: TaskVerdict[]): TaskVerdict {
    const run = (because: string, matchesItems = false): TaskVerdict => ({ task: task.id, verdict: 'run', because, matchesItems });
    if (this.from === 'start') return run('everything was asked for');
    if (this.named.has(task.id)) return run('it was asked for');
    const above = needs.find(({ verdict }) => verdict !== 'reuse');
    if (above) return run(`it is below ${above.task}`);
    const before = this.before.get(task.id);
    if (!before) return run('it is new');
    const stale = this.staleDecision(task);
    if (stale !== null) return run(stale);
    const status = this.old.tasks.get(task.id) ?? 'pending';
    const { result, instance } = this.comparison.differenceOf(before, task);
    const matchesItems = task.forEach !== undefined && before.forEach !== undefined && instance.length === 0;
    if (status !== 'succeeded' && status !== 'skipped') return run(words[status], matchesItems);
    if (this.askedForCancel(before)) return run('it was decided by a cancel');
    // Nothing is lost by deciding anew, so nobody has to be asked.
    if (result.length > 0 && status === 'skipped') return run('what it is decided from has changed');
    if (result.length > 0) return { task: task.id, verdict: 'changed', differs: result, matchesItems };
    return { task: task.id, verdict: 'reuse', status, matchesItems: false };
  }

  /** Why people must decide again, though nothing above has changed; null for everything else. */
  private staleDecision({ id, uses, with: input, forEach }: PlanTask): string | null {
    if (uses !== 'approval') return null;
    if (this.old.ownDecisions?.has(id)) return 'whoever asks for this rerun decided it';
    return referencesOf([input ?? {}, forEach?.in ?? null]).run ? 'what was decided names the run' : null;
  }

  /** A task whose `if` asks for `cancelled()` went the way of a cancelled run: that is not the way of this one. */
  private askedForCancel({ if: condition }: PlanTask): boolean {
    return this.old.status === 'cancelled' && condition !== undefined && statusNames(condition).has('cancelled');
  }
}

const words: Readonly<Record<Exclude<TaskStatus, 'succeeded' | 'skipped'>, string>> = {
  failed: 'it failed',
  cancelled: 'it was cancelled',
  pending: 'it did not run',
  queued: 'it did not end',
  running: 'it did not end',
  waiting: 'it did not end',
};
