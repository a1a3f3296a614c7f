import { limits } from '../../domain/limits';
import type { Json, JsonObject } from '../../domain/json';
import { hasExpression, referencesOf, type Scope } from '../../domain/pipeline/expressions';
import type { PlanTask } from '../../domain/pipeline/plan';
import type { RunState, Unit } from '../../domain/pipeline/run-state';
import type { InlineTask, TaskInput, TaskResultView } from '../../domain/pipeline/task-input';
import type { UnitEnd } from '../task/unit-end';
import { jsonLength, unitKey, type Run } from './run';

/** What the input of one task may weigh to travel with it, so that no history nears its limit. */
const maxInlineInput = 16 * 1024;
/** An output up to this size is held by the workflow; a larger one stays in the read model. */
export const maxHeldOutput = 4 * 1024;

/** Of a `forEach` over more items, batches take what is ready as they do of a large plan. */
const longListItems = 100;

/**
 * Results that the run's workflow holds, for expressions and for the inputs of tasks. What is not held (it is large,
 * or of before a continue-as-new) is in the read model, and whoever needs it is run with a stored input.
 */
export class Results {
  private readonly ends = new Map<string, UnitEnd>();
  private readonly items = new Map<number, { count: number; list?: Json[] }>();
  private longLists = false;
  private readonly inputsLength: number;

  constructor(private readonly run: Run, private readonly state: RunState) {
    this.inputsLength = jsonLength(run.inputs);
  }

  record(unit: Unit, end: UnitEnd): void {
    this.ends.set(unitKey(unit), end);
  }
  forget(unit: Unit): void {
    this.ends.delete(unitKey(unit));
  }

  /** What a `forEach` is expanded over; without a list it is in the read model only. */
  recordItems(task: number, count: number, list?: Json[]): void {
    this.items.set(task, { count, list });
    if (!list || count > longListItems) this.longLists = true;
  }
  isExpanded(task: number): boolean {
    return this.items.has(task);
  }
  itemCount(task: number): number {
    return this.items.get(task)?.count ?? 0;
  }
  itemsOf(task: number): Json[] | undefined {
    return this.items.get(task)?.list;
  }
  get hasLongLists(): boolean {
    return this.longLists;
  }

  /** When the first instance of a `forEach` began and the last one ended, and the most attempts that one took, of those whose end is held. */
  instancesOf(task: number): { startedAt?: string; finishedAt?: string; attempt: number } {
    const ends = Array.from({ length: this.itemCount(task) }, (_, instance) => this.ends.get(unitKey({ task, instance })));
    const [startedAt] = ends.flatMap((end) => end?.startedAt ?? []).sort();
    const finishedAt = ends.flatMap((end) => end?.finishedAt ?? []).sort().at(-1);
    const attempt = ends.reduce((most, end) => Math.max(most, end?.attempt ?? 0), 0);
    return { attempt, ...(startedAt !== undefined && { startedAt }), ...(finishedAt !== undefined && { finishedAt }) };
  }

  /** Puts the list together that a `forEach` gives; null when an instance is not held or the list is too long for an output. */
  holdList(task: number): Json[] | null {
    const list: Json[] = [];
    for (let instance = 0; instance < this.itemCount(task); instance++) {
      const end = this.ends.get(unitKey({ task, instance }));
      if (!end || (end.outcome === 'succeeded' && end.stored)) return null;
      list.push(end.outcome === 'succeeded' ? (end.output ?? null) : null);
    }
    if (jsonLength(list) > limits.outputBytes) return null;
    this.record({ task, instance: -1 }, { outcome: 'succeeded', output: list });
    return list;
  }

  /** The scope of a task's expressions, or null when something that it reads is not held. */
  scopeOf(task: PlanTask, item?: { as: string; value: Json; index: number }): Scope | null {
    const tasks = this.views(task.reads);
    if (!tasks) return null;
    return {
      inputs: this.run.inputs, run: { ...this.run.context }, tasks,
      ...(item && { [item.as]: item.value, index: item.index }),
    };
  }

  /** The input of an activity: inline when all that it reads is held and light, else a reference. */
  inputOf(unit: Unit, generation: number): TaskInput {
    const { plan, context } = this.run;
    const task = plan.inline?.tasks[unit.task];
    const stored = { runId: context.id, planHash: plan.hash, index: unit.task, startedAt: context.startedAt };
    if (!task) return { unit: { id: '', instance: unit.instance, generation }, stored };
    const ref = { id: task.id, instance: unit.instance, generation };
    const inline = this.inlineTask(task, unit);
    return inline && jsonLength(inline) <= maxInlineInput ? { unit: ref, inline } : { unit: ref, stored };
  }

  itemOf(task: PlanTask, unit: Unit): { as: string; value: Json; index: number } | undefined | null {
    if (!task.forEach || unit.instance < 0) return undefined;
    const list = this.itemsOf(unit.task);
    return list ? { as: task.forEach.as, value: list[unit.instance] ?? null, index: unit.instance } : null;
  }

  private inlineTask(task: PlanTask, unit: Unit): InlineTask | null {
    const template: JsonObject = task.with ?? {};
    if (!hasExpression(template)) return { run: this.run.context, with: template };
    const reads = referencesOf(template);
    if (reads.inputs && this.inputsLength > maxInlineInput) return null;
    const tasks = this.views(task.reads);
    const item = this.itemOf(task, unit);
    if (!tasks || item === null) return null;
    return {
      run: this.run.context, with: template, tasks,
      ...(reads.inputs && { inputs: this.run.inputs }),
      ...(item && { item: { as: item.as, value: item.value } }),
    };
  }

  /** The scope of the run's own `outputs`, which read the tasks of these names; null when a result is not held. */
  scopeOfOutputs(names: string[]): Scope | null {
    const wanted = new Set(names);
    const reads = (this.run.plan.inline?.tasks ?? []).flatMap(({ id }, index) => (wanted.has(id) ? [index] : []));
    const tasks = this.run.plan.inline && this.views(reads);
    return tasks && { inputs: this.run.inputs, run: { ...this.run.context }, tasks };
  }

  private views(reads: number[] = []): Record<string, TaskResultView> | null {
    const views: Record<string, TaskResultView> = {};
    for (const index of reads) {
      const read = this.run.plan.inline?.tasks[index];
      const view = this.viewOf(index);
      if (!read || !view) return null;
      views[read.id] = view;
    }
    return views;
  }

  private viewOf(index: number): TaskResultView | null {
    const status = this.state.statusOf(index);
    const end = this.ends.get(unitKey({ task: index, instance: -1 }));
    if (status !== 'succeeded' && status !== 'failed') return { output: null, status, error: null };
    if (!end) return null;
    switch (end.outcome) {
      case 'succeeded': return end.stored || end.artifact ? null : { output: end.output ?? null, status, error: null };
      case 'failed': return { output: null, status, error: { code: end.error.code, message: end.error.message } };
      case 'cancelled': return { output: null, status, error: null };
    }
  }
}
