import { canonicalJson } from '../../canonical-json';
import type { Json } from '../../json';
import { conditionReferences, referencesOf, type References } from '../expressions';
import type { Plan, PlanTask } from '../plan';

/** What differs between two definitions of a task that its result depends on: field names, and `inputs.<name>`. */
export interface TaskDifference {
  /** Empty when the result of the one is the result of the other. */
  result: string[];
  /** The same for each instance of a `forEach`: it depends on its item, not on where the items came from. */
  instance: string[];
}

const none: TaskDifference = { result: [], instance: [] };

/** Says of tasks of one id whether one could have given the result of the other. */
export class TaskComparison {
  private readonly samePlan: boolean;

  /** @param changed names of the inputs whose values differ */
  constructor(private readonly old: Plan, private readonly next: Plan, private readonly changed: readonly string[]) {
    this.samePlan = old === next;
  }

  /** @throws AppError `expression_failed` when an expression is not valid */
  differenceOf(old: PlanTask, next: PlanTask): TaskDifference {
    if (this.samePlan && this.changed.length === 0) return none;
    const instance = [...(this.samePlan ? [] : this.fields(old, next)), ...this.inputsOf(next.with && referencesOf(next.with))];
    const before = [
      ...(old.if === next.if ? [] : ['if']), ...this.expansion(old, next),
      ...this.inputsOf(next.if === undefined ? undefined : conditionReferences(next.if)),
      ...this.inputsOf(next.forEach && referencesOf(next.forEach.in)),
    ];
    return { instance, result: [...new Set([...instance, ...before])] };
  }

  private fields(old: PlanTask, next: PlanTask): string[] {
    const needs = (plan: Plan, task: PlanTask): Json => (task.needs ?? []).map((index) => plan.tasks[index]?.id ?? '').sort();
    return [
      ...(old.uses === next.uses ? [] : ['uses']),
      ...differs('with', old.with ?? {}, next.with ?? {}),
      ...differs('needs', needs(this.old, old), needs(this.next, next)),
      ...(old.forEach?.as === next.forEach?.as ? [] : ['forEach']),
    ];
  }

  private expansion(old: PlanTask, next: PlanTask): string[] {
    const part = ({ forEach }: PlanTask): Json => (forEach ? [forEach.in, forEach.continueOnError ?? false] : null);
    return this.samePlan ? [] : differs('forEach', part(old), part(next));
  }

  private inputsOf(reads: References | undefined): string[] {
    if (!reads?.inputs || this.changed.length === 0) return [];
    const named = reads.inputNames.length > 0 ? this.changed.filter((name) => reads.inputNames.includes(name)) : this.changed;
    return named.map((name) => `inputs.${name}`);
  }
}

/** The order of keys is looked at only where the texts differ: of 100,000 tasks most are as they were. */
const differs = (field: string, old: Json, next: Json): string[] =>
  (JSON.stringify(old) === JSON.stringify(next) || canonicalJson(old) === canonicalJson(next) ? [] : [field]);
