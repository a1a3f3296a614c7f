import { CancellationScope, allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { OpenedRun } from '../../activities/contract';
import type { JsonObject } from '../../domain/json';
import { countReused, decodeMarks } from '../../domain/pipeline/rerun/reuse-marks';
import { admittedSignal, cancelSignal, type PipelineRunInput, type PipelineRunResult } from './contract';
import { RunCoordinator } from './coordinator';
import { endRun } from './ending';
import { isCancelRequest, misfit } from './message-shape';
import { receiveMessages } from './messages';
import { onSignal } from '../signals';
import { openingOf, waitAtTheDoor } from './opening';
import type { Run } from './run';
import { inlinePlan, storedPlan } from './run-plan';

/** Coordinates one run of a pipeline, from its acceptance to its result (docs/architecture.md). */
export async function pipelineRun(input: PipelineRunInput): Promise<PipelineRunResult> {
  const inbox = new Inbox();
  // A cancel is a matter of the run's state machine: clean-up tasks still run, so nothing may be cut off by the scope.
  return CancellationScope.nonCancellable(async () => {
    const opened = await openingOf(input);
    if (!opened.admitted && !opened.refused) await waitAtTheDoor(() => inbox.admitted, () => inbox.isCancelled);
    const coordinator = new RunCoordinator(await runOf(input, opened), input.carried);
    receiveMessages(coordinator);
    // Handlers run in the scope of the whole workflow, whose cancel would cut off what they begin.
    const inside = CancellationScope.current();
    inbox.passOn((request) => void inside.run(async () => (isCancelRequest(request) ? coordinator.stopping.cancel(request) : coordinator.refuseSignal(cancelSignal, misfit(request)))));
    if (!input.carried) coordinator.addRunEvent('run.started', reuseOf(coordinator.run));
    if (opened.refused) coordinator.refuse(opened.refused);
    if ((await coordinator.runTasks()) === 'renew') await renew(input, opened, coordinator);
    return endRun(coordinator, inbox.cancelledInTemporal);
  });
}

async function runOf(input: PipelineRunInput, { accepted, inputs, hasSlot }: OpenedRun): Promise<Run> {
  const { planHash, run, reused } = accepted;
  const plan = accepted.plan ? inlinePlan(accepted.plan, planHash) : await storedPlan(planHash);
  const startedAt = input.carried?.startedAt ?? workflowInfo().startTime.toISOString();
  return {
    context: { ...run, startedAt },
    plan,
    inputs,
    hasSlot,
    ...(reused && { reused: { from: reused.from, marks: decodeMarks(reused.marks, plan.graph.size) } }),
    ...(input.parent && { parent: input.parent }),
  };
}

/** For those who follow the run: what it does not carry out. */
const reuseOf = ({ reused }: Run): JsonObject => (reused ? { reusedFrom: reused.from, reused: countReused(reused.marks) } : {});

/** Goes on in a fresh history: everything is written, no handler is at work, and the states are carried over. */
async function renew(input: PipelineRunInput, opened: OpenedRun, coordinator: RunCoordinator): Promise<never> {
  do {
    await coordinator.projector.flush();
    await condition(allHandlersFinished);
  } while (!coordinator.facts.isEmpty);
  return continueAsNew<typeof pipelineRun>({
    ...input, accepted: { ...opened.accepted, hasSlot: opened.hasSlot }, inputs: opened.inputs, carried: coordinator.carried(),
  });
}

/** What may arrive before the run knows what it is. */
class Inbox {
  admitted = false;
  cancelledInTemporal = false;
  private readonly requests: unknown[] = [];
  private receiver: ((request: unknown) => void) | null = null;

  constructor() {
    onSignal(admittedSignal, () => { this.admitted = true; });
    onSignal(cancelSignal, (request) => this.receive(request ?? {}));
    CancellationScope.current().cancelRequested.catch(() => {
      this.cancelledInTemporal = true;
      this.receive({ reason: workflowInfo().parent ? 'asked for by its parent run, or in Temporal' : 'asked for in Temporal' });
    });
  }

  get isCancelled(): boolean {
    return this.requests.some(isCancelRequest);
  }

  /** @param receiver is given every request for a cancel, whatever it is */
  passOn(receiver: (request: unknown) => void): void {
    this.receiver = receiver;
    this.requests.forEach(receiver);
  }

  private receive(request: unknown): void {
    if (this.receiver) this.receiver(request);
    else this.requests.push(request);
  }
}
