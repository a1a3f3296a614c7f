import { proxyLocalActivities } from '@temporalio/workflow';
import type { DecisionOutcome, RunActivities } from '../../activities/contract';
import { AppError, errorMessage, type ErrorInfo } from '../../domain/errors';
import type { Json } from '../../domain/json';
import { evaluateCondition, evaluateTemplate } from '../../domain/pipeline/expressions';
import { itemsOf } from '../../domain/pipeline/for-each';
import { reuseMark } from '../../domain/pipeline/rerun/reuse-marks';
import type { RunState } from '../../domain/pipeline/run-state';
import type { Results } from './results';
import type { Run } from './run';

/** One call stays under 2 MB whatever the expressions give. */
const decisionsPerCall = 20;
const { decideStored } = proxyLocalActivities<RunActivities>({ startToCloseTimeout: '10 s' });

export type Decision = { task: number } & (
  | { run: false }
  | { run: true; items?: number; list?: Json[]; reused?: number[] }
  | { error: ErrorInfo }
);

/** Evaluates `if` and `forEach.in` of tasks whose needs are final. */
export class Decisions {
  constructor(private readonly run: Run, private readonly state: RunState, private readonly results: Results) {}

  /** Decides from what the workflow holds, or answers null when something is missing there. */
  decideHeld(index: number): Decision | null {
    const task = this.matchesItems(index) ? undefined : this.run.plan.inline?.tasks[index];
    const scope = task && this.results.scopeOf(task);
    if (!task || !scope) return null;
    try {
      if (task.if !== undefined && !evaluateCondition(task.if, scope, this.state.conditionStatus(index))) return { task: index, run: false };
      if (!task.forEach) return { task: index, run: true };
      const list = itemsOf(evaluateTemplate(task.forEach.in, scope));
      return { task: index, run: true, items: list.length, list };
    } catch (error) {
      return { task: index, error: errorOf(error) };
    }
  }

  /** Decides from what the read model holds; its facts must have been written. */
  async decideStored(tasks: number[]): Promise<Decision[]> {
    const decided: Decision[] = [];
    for (let from = 0; from < tasks.length; from += decisionsPerCall) {
      const part = tasks.slice(from, from + decisionsPerCall);
      const outcomes: DecisionOutcome[] = await decideStored({
        runId: this.run.context.id, planHash: this.run.plan.hash, startedAt: this.run.context.startedAt,
        ...(this.run.reused && { reusesFrom: this.run.reused.from }),
        decisions: part.map((task) => ({
          task, status: this.state.conditionStatus(task), ...(this.matchesItems(task) && { matchesItems: true as const }),
        })),
      });
      outcomes.forEach((outcome, index) => decided.push({ task: part[index] ?? -1, ...outcome }));
    }
    return decided;
  }

  /** Items that are matched with those of another run are found where both are stored. */
  private matchesItems(task: number): boolean {
    return this.run.reused?.marks[task] === reuseMark.matchItems;
  }
}

export const errorOf = (error: unknown): ErrorInfo =>
  error instanceof AppError
    ? { code: error.code, message: error.message, retryable: error.retryable }
    : { code: 'expression_failed', message: errorMessage(error), retryable: false };
