import { workflowInfo } from '@temporalio/workflow';
import type { ErrorInfo } from '../../domain/errors';
import { limits } from '../../domain/limits';
import { dispatchOf, isQuick } from '../../domain/pipeline/dispatch';
import { explain, nameOf, type Explanation } from '../../domain/pipeline/explain';
import { heldUp, isAtWork, keptBy, type Part } from '../../domain/pipeline/explain-choice';
import type { Situation, StopCause } from '../../domain/pipeline/explain-facts';
import { hasFlag, taskFlag } from '../../domain/pipeline/run-graph';
import type { RunState, Unit } from '../../domain/pipeline/run-state';
import type { ApprovalSteps } from './approval-steps';
import type { BatchRunner } from './batch-runner';
import type { ExplainAnswer, UnitPlace } from './contract';
import { unitKey, type Run } from './run';
import type { ChildRuns } from './steps';
import type { UnitInFlight, UnitRunner } from './unit-runner';
import type { UnitStarter } from './unit-starter';

/** Parts of a run that are told one by one: the details of a workflow are for a glance. */
const mostParts = 5;

/** What a run can say about itself. */
export interface SelfKnowledge {
  run: Run;
  state: RunState;
  units: UnitRunner;
  starter: UnitStarter;
  batches: BatchRunner;
  children: ChildRuns;
  approvals: ApprovalSteps;
  /** Since when, RFC 3339, and by whom. */
  pause: { since: string; by: string | null } | null;
  stopTurn: ({ since: string } & StopCause) | null;
}

/** Why the run is where it is, and with `unit` where that one is: what no row tells. */
export const answerExplain = (self: SelfKnowledge, unit: Unit | undefined): ExplainAnswer =>
  ({ run: explainRun(self), unit: unit ? placeOf(self, unit) : null });

function placeOf({ state, starter, batches, units }: SelfKnowledge, unit: Unit): UnitPlace {
  const untilMs = starter.timerEndOf(unit);
  const lane = units.laneOf(unit.task);
  const beside = units.inLane(lane) + (lane === 'working' ? batches.inFlight : 0);
  return {
    phase: state.phaseOf(unit),
    batch: batches.batchOf(unit) ?? null,
    until: untilMs === undefined ? null : new Date(untilMs).toISOString(),
    inFlight: unit.instance < 0 ? beside : state.instancesInFlight(unit.task),
  };
}

/** The sentence of the run, and those of what it has on its way, for the Temporal UI. */
export function sentences(self: SelfKnowledge): string[] {
  const parts = partsOf(self);
  const hidden = self.state.inFlight() - parts.length;
  return [
    explainRun(self, parts).sentence, '',
    ...parts.map(({ subject, situation }) => `- ${explain(subject, situation).sentence}`),
    ...(hidden > 0 ? [`- and ${hidden} more`] : []),
  ];
}

/** The sentence of a run that is over. */
export const lastSentence = ({ run, state }: Pick<SelfKnowledge, 'run' | 'state'>, error: ErrorInfo | null): string => explain({ run: run.context.id }, {
  kind: 'final', since: null, status: state.outcome(), open: false, cause: { error: error && { code: error.code, message: error.message } },
}).sentence;

function explainRun(self: SelfKnowledge, parts = partsOf(self)): Explanation {
  const { run: { context }, state, stopTurn, pause } = self;
  const subject = { run: context.id };
  if (stopTurn) return explain(subject, stopping(self, stopTurn));
  if (pause) return explain(subject, { kind: 'paused', ...pause, in: 'datamcp' });
  const kept = keptBy(parts);
  // What is in batches is at work, as far as the run knows.
  if (kept && self.batches.inFlight === 0) return explain(kept.subject, kept.situation);
  const { total, succeeded, failed, skipped, cancelled } = state.progress();
  return explain(subject, {
    kind: 'progress', of: 'tasks', since: context.startedAt, total, final: succeeded + failed + skipped + cancelled,
    working: parts.filter(isAtWork).map((part) => nameOf(part.subject)), heldUp: heldUp(parts),
  });
}

const stopping = ({ run }: SelfKnowledge, { since, ...stop }: { since: string } & StopCause): Situation => ({
  kind: 'cancelling', since, stop, graceUntil: null, cleanupUntil: new Date(Date.parse(since) + run.plan.cleanupTimeoutMs).toISOString(),
});

const partsOf = (self: SelfKnowledge): Part[] => self.units.oldest(mostParts).map((each) => ({
  subject: { run: self.run.context.id, task: self.run.plan.inline?.tasks[each.unit.task]?.id ?? `task ${each.unit.task}`, ...(each.unit.instance >= 0 && { instance: each.unit.instance }) },
  situation: situationOf(self, each),
}));

function situationOf({ run: { plan }, starter, children, approvals, stopTurn }: SelfKnowledge, { unit, sinceMs }: UnitInFlight): Situation {
  const since = new Date(sinceMs).toISOString();
  const untilMs = starter.timerEndOf(unit);
  if (untilMs !== undefined) return { kind: 'timer', since, until: new Date(untilMs).toISOString() };
  const child = children.open.get(unitKey(unit));
  if (child) return { kind: 'child', since, child: null, workflowId: child.workflowId };
  const step = approvals.open.get(unitKey(unit));
  if (step) return { kind: 'approval', since, title: step.title, workflowId: step.workflowId, request: null };
  const isSpared = hasFlag(plan.graph, unit.task, taskFlag.always);
  if (stopTurn && stopTurn.since >= since && !isSpared) {
    const graceUntil = new Date(Date.parse(stopTurn.since) + limits.cancelGraceMs).toISOString();
    return { kind: 'cancelling', since: stopTurn.since, stop: { reason: stopTurn.reason, by: stopTurn.by, why: stopTurn.why }, graceUntil, cleanupUntil: null };
  }
  const task = plan.inline?.tasks[unit.task];
  const dispatch = plan.inline && task && dispatchOf(plan.inline, task);
  const isCalled = dispatch && dispatch.mode !== 'workflow' && !isQuick(dispatch);
  return { kind: 'dispatched', since, queue: isCalled ? dispatch.queue ?? workflowInfo().taskQueue : null };
}
