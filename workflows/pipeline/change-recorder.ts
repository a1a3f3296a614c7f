import { proxyActivities } from '@temporalio/workflow';
import type { RunActivities } from '../../activities/contract';
import type { ErrorInfo } from '../../domain/errors';
import type { TaskFact } from '../../domain/pipeline/facts';
import { hasFlag, taskFlag } from '../../domain/pipeline/run-graph';
import type { RunState, StatusChange, Unit } from '../../domain/pipeline/run-state';
import type { TaskStatus } from '../../domain/pipeline/status';
import type { UnitEnd } from '../task/unit-end';
import type { RunError } from './contract';
import type { FactsLog } from './facts-log';
import type { Projector } from './projector';
import type { Results } from './results';
import { unitKey, type Run } from './run';
import { taskFactOf } from './run-report';

const { gatherInstances } = proxyActivities<RunActivities>({ startToCloseTimeout: '1 minute' });

interface Parts {
  run: Run;
  state: RunState;
  results: Results;
  facts: FactsLog;
  projector: Projector;
}

/** Writes down every change of a task's status, for the read model and for the tasks behind it. */
export class ChangeRecorder {
  private readonly ends = new Map<string, UnitEnd>();
  /** By task, of the first instance that failed. */
  private readonly instanceErrors = new Map<number, ErrorInfo>();
  private gathered = 0;

  /** @param firstError of before a continue-as-new */
  constructor(private readonly parts: Parts, public firstError: RunError | null, private readonly wake: () => void) {}

  /** Whether a list is being put together that the tasks behind it read. */
  get isGathering(): boolean {
    return this.gathered > 0;
  }

  recordEnd(unit: Unit, end: UnitEnd): void {
    const { state, results } = this.parts;
    results.record(unit, end);
    this.ends.set(unitKey(unit), end);
    switch (end.outcome) {
      case 'succeeded': state.succeeded(unit); break;
      case 'failed': state.failed(unit); break;
      case 'cancelled': state.cancelled(unit); break;
    }
    this.recordChanges();
  }

  recordChanges(): void {
    for (const change of this.parts.state.takeChanges()) this.recordChange(change);
  }

  private recordChange(change: StatusChange): void {
    const { run, results, facts } = this.parts;
    const end = this.takeEnd(change);
    if (change.status === 'pending') this.forget(change);
    const isList = change.status === 'succeeded' && change.instance < 0 && results.isExpanded(change.task);
    const list = isList ? results.holdList(change.task) : null;
    const fact = taskFactOf(run, results, change, list ? { outcome: 'succeeded', output: list } : end, new Date().toISOString());
    if (change.status === 'failed') this.noteError(change, fact);
    if (this.isNews(change, fact)) facts.addTask(fact);
    if (isList && !list) void this.gather(change.task);
  }

  private takeEnd(unit: Unit): UnitEnd | undefined {
    const key = unitKey(unit);
    const end = this.ends.get(key);
    this.ends.delete(key);
    return end;
  }

  /** That one of very many was handed out is not worth a row: it is shown as soon as it runs. */
  private isNews({ instance }: StatusChange, { status }: { status: TaskStatus }): boolean {
    return status !== 'queued' || (this.parts.run.plan.inline !== null && instance < 0);
  }

  private forget(unit: Unit): void {
    this.parts.results.forget(unit);
    this.instanceErrors.delete(unit.task);
  }

  /** The first failure that counts is told of the run, and that of its first instance of a `forEach`: else neither says why it failed. */
  private noteError({ task, instance }: StatusChange, fact: Omit<TaskFact, 'seq'>): void {
    const { graph } = this.parts.run.plan;
    const error = instance < 0 ? (fact.error ?? this.instanceErrors.get(task)) : (fact.error && { ...fact.error, message: `instance ${instance}: ${fact.error.message}` });
    if (!error) return;
    if (instance < 0) fact.error = error;
    else if (!this.instanceErrors.has(task)) this.instanceErrors.set(task, error);
    const isSpared = hasFlag(graph, task, taskFlag.continueOnError) || (instance >= 0 && hasFlag(graph, task, taskFlag.continueItems));
    if (!isSpared) this.firstError ??= { task, error };
  }

  /** Puts the list of a `forEach` together in the read model, when it is too much to be held here. */
  private async gather(task: number): Promise<void> {
    const { run: { context, plan }, results, projector } = this.parts;
    this.gathered++;
    await projector.flush();
    const name = plan.inline?.tasks[task]?.id ?? task;
    const { artifact } = await gatherInstances({ runId: context.id, planHash: plan.hash, task: name, items: results.itemCount(task) });
    results.record({ task, instance: -1 }, { outcome: 'succeeded', stored: true, ...(artifact && { artifact }) });
    this.gathered--;
    this.wake();
  }
}
