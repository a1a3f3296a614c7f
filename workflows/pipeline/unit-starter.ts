import { proxyLocalActivities } from '@temporalio/workflow';
import type { RunActivities } from '../../activities/contract';
import type { ErrorInfo } from '../../domain/errors';
import type { JsonObject } from '../../domain/json';
import { dispatchOf, type TaskDispatch } from '../../domain/pipeline/dispatch';
import { evaluateTemplate } from '../../domain/pipeline/expressions';
import type { PlanTask } from '../../domain/pipeline/plan';
import type { RunState, Unit } from '../../domain/pipeline/run-state';
import { callTask } from '../task/task-proxy';
import { endOfOutcome, type UnitEnd } from '../task/unit-end';
import type { ApprovalSteps } from './approval-steps';
import type { CarriedRun } from './contract';
import { errorOf } from './decisions';
import { runNamedActivity } from './named-activity';
import type { Projector } from './projector';
import { maxHeldOutput, type Results } from './results';
import { jsonLength, unitKey, type Run } from './run';
import { waitEnd, waitUntil, type ChildRuns } from './steps';
import type { UnitRunner } from './unit-runner';

const { loadDispatches, resolveStored } = proxyLocalActivities<RunActivities>({ startToCloseTimeout: '10 s' });

/** Starts units in the run's own workflow: activities, and the steps that the workflow carries out itself. */
export class UnitStarter {
  private readonly waits = new Map<string, { unit: Unit; untilMs: number }>();
  /** By the task and generation of a `forEach`: what its instances read is written once for all of them. */
  private readonly written = new Map<string, Promise<void>>();

  constructor(
    private readonly run: Run,
    private readonly state: RunState,
    private readonly results: Results,
    private readonly projector: Projector,
    private readonly children: ChildRuns,
    private readonly approvals: ApprovalSteps,
    private readonly units: UnitRunner,
  ) {}

  start(unit: Unit): void {
    const { inline } = this.run.plan;
    const task = inline?.tasks[unit.task];
    this.units.start(unit, async () => {
      const dispatch = inline && task ? dispatchOf(inline, task) : await this.loadDispatch(unit);
      return dispatch.mode === 'workflow' ? this.runStep(unit, task, dispatch) : this.runTask(unit, dispatch);
    });
  }

  /** When the durable timer of a unit ends, in milliseconds since the epoch. */
  timerEndOf(unit: Unit): number | undefined {
    return this.waits.get(unitKey(unit))?.untilMs;
  }

  /** How many of the units in flight are carried over a continue-as-new. */
  get carriable(): number {
    return this.waits.size + this.children.carriable + this.approvals.carriable;
  }

  carried(): Pick<CarriedRun, 'waits' | 'children' | 'approvals'> {
    return { waits: [...this.waits.values()], children: [...this.children.open.values()], approvals: [...this.approvals.open.values()] };
  }

  /** Goes on with what the run waited for before it continued as new. */
  resume({ waits, children, approvals = [] }: Pick<CarriedRun, 'waits' | 'children' | 'approvals'>): void {
    for (const { unit, untilMs } of waits) this.units.start(unit, () => this.wait(unit, untilMs, `task ${unit.task}`));
    for (const child of children) this.units.start(child.unit, () => this.children.resume(child));
    for (const step of approvals) this.units.start(step.unit, () => this.approvals.resume(step));
  }

  private async runTask(unit: Unit, dispatch: TaskDispatch): Promise<UnitEnd> {
    const input = this.results.inputOf(unit, this.state.generationOf(unit.task));
    if (input.stored && (dispatch.readsResults || unit.instance >= 0)) await this.writeWhatIsRead(unit);
    return endOfOutcome(await callTask(dispatch, { ...input, unit: { ...input.unit, id: dispatch.id } }));
  }

  /** What a stored input refers to must be in the read model before its task begins. */
  private writeWhatIsRead({ task, instance }: Unit): Promise<void> {
    if (instance < 0) return this.projector.flush();
    const list = `${task}#${this.state.generationOf(task)}`;
    const written = this.written.get(list) ?? this.projector.flush();
    this.written.set(list, written);
    return written;
  }

  private async runStep(unit: Unit, task: PlanTask | undefined, dispatch: TaskDispatch): Promise<UnitEnd> {
    const resolved = await this.resolve(unit, task, dispatch);
    if ('error' in resolved) return { outcome: 'failed', error: resolved.error };
    switch (dispatch.uses) {
      case 'core.set': return this.set(unit, dispatch, resolved.with);
      case 'core.wait': {
        const until = waitEnd(resolved.with, Date.now());
        return typeof until === 'number' ? this.wait(unit, until, dispatch.id) : { outcome: 'failed', error: until };
      }
      case 'pipeline.run': return this.children.runChild(unit, this.state.generationOf(unit.task), dispatch.id, resolved.with);
      case 'approval':
        // The request shows in the row of the task whom it waits for: there must be one.
        await this.projector.flush();
        return this.approvals.ask(unit, this.state.generationOf(unit.task), dispatch.id, resolved.with);
      case 'temporal.activity': {
        const ref = { id: dispatch.id, instance: unit.instance, generation: this.state.generationOf(unit.task) };
        return runNamedActivity(dispatch, ref, resolved.with);
      }
      default:
        return { outcome: 'failed', error: { code: 'task_failed', message: `${dispatch.uses} is not a step of a workflow`, retryable: false } };
    }
  }

  private async loadDispatch(unit: Unit): Promise<TaskDispatch> {
    const [dispatch] = await loadDispatches(this.run.plan.hash, [unit.task]);
    if (!dispatch) throw new TypeError(`The plan has no task ${unit.task}`);
    return dispatch;
  }

  private async resolve(unit: Unit, task: PlanTask | undefined, dispatch: TaskDispatch): Promise<{ with: JsonObject } | { error: ErrorInfo }> {
    const item = task && this.results.itemOf(task, unit);
    const scope = task && item !== null ? this.results.scopeOf(task, item) : null;
    if (!task || !scope) {
      await this.projector.flush();
      const input = this.results.inputOf(unit, this.state.generationOf(unit.task));
      return resolveStored({ task: { ...input, unit: { ...input.unit, id: dispatch.id } } });
    }
    try {
      const resolved = evaluateTemplate(task.with ?? {}, scope);
      return { with: typeof resolved === 'object' && resolved !== null && !Array.isArray(resolved) ? resolved : {} };
    } catch (error) {
      return { error: errorOf(error) };
    }
  }

  /** A value that is too large to be held is stored by an activity of the same name. */
  private async set(unit: Unit, dispatch: TaskDispatch, value: JsonObject): Promise<UnitEnd> {
    if (jsonLength(value) > maxHeldOutput) return this.runTask(unit, { ...dispatch, mode: 'quick' });
    const now = new Date().toISOString();
    return { outcome: 'succeeded', output: value, attempt: 1, startedAt: now, finishedAt: now };
  }

  private async wait(unit: Unit, untilMs: number, name: string): Promise<UnitEnd> {
    this.waits.set(unitKey(unit), { unit, untilMs });
    try {
      return await waitUntil(untilMs, name);
    } finally {
      this.waits.delete(unitKey(unit));
    }
  }
}
