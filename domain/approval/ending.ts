import type { ActOf, ApprovalEvent } from './act';
import { accepted, notAllowed, refused, type Answer } from './refusal';
import { awaited, rightsOf } from './rights';
import { deadlineOf, isFinal, type ApprovalState, type Choice, type FinalStatus, type Outcome } from './state';
import { isRejected, tallyOf, votesOf } from './tally';

/** The request as it ended. What would come of it by time does not come any more. */
export function ended(state: ApprovalState, outcome: Outcome, ...before: ApprovalEvent[]): Extract<Answer, { accepted: true }> {
  const { changes: _answered, ...rest } = state;
  const { status, at, by } = outcome;
  const decided: ApprovalEvent = { type: 'decided', at, ...(by === undefined ? {} : { by }), status, outcome };
  return { accepted: true, state: { ...rest, status, outcome }, events: [...before, decided] };
}

/**
 * Carries out every deadline that is due. It comes before any act of the same moment: who acts at the deadline is too
 * late, whether its timer has fired or not.
 */
export function settleDeadlines(state: ApprovalState, now: number): { state: ApprovalState; events: ApprovalEvent[] } {
  const events: ApprovalEvent[] = [];
  let settled = state;
  for (let at = deadlineOf(settled); at !== undefined && at <= now && !isFinal(settled); at = deadlineOf(settled)) {
    const answer = settled.timetable.onDeadline === 'escalate' && hasLink(settled) ? escalated(settled, { at }) : ended(settled, { status: statusByTime(settled), at, cause: 'deadline' });
    settled = answer.state;
    events.push(...answer.events);
  }
  return { state: settled, events };
}

/** Only silence approves: an open rejection is none, nor is a request for changes that nobody answered. */
function statusByTime({ timetable, status, votes }: ApprovalState): FinalStatus {
  switch (timetable.onDeadline) {
    case 'approve':
      return status === 'open' && votes.every(({ choice }) => choice !== 'reject') ? 'approved' : 'expired';
    case 'reject':
      return 'rejected';
    case 'cancel':
      return 'withdrawn';
    case 'expire':
    case 'escalate':
      return 'expired';
  }
}

const hasLink = ({ policy, escalations }: ApprovalState): boolean => escalations.length < policy.escalation.length;

function escalated(state: ApprovalState, by: { at: number; by?: string }): Extract<Answer, { accepted: true }> {
  const to = state.policy.escalation[state.escalations.length] ?? [];
  return standingAlready({ ...state, escalations: [...state.escalations, state.stage] }, by.at, { type: 'escalated', ...by, to });
}

/** The request after its stage has reached every quorum: at the next stage, or approved. */
export function passed(state: ApprovalState, outcome: Omit<Outcome, 'status'>, ...before: ApprovalEvent[]): Extract<Answer, { accepted: true }> {
  const event: ApprovalEvent = { type: 'stage_passed', at: outcome.at, stage: state.stage };
  const isLast = state.stage === state.policy.stages.length - 1;
  return isLast ? ended(state, { status: 'approved', ...outcome }, ...before, event) : { accepted: true, state: { ...state, stage: state.stage + 1 }, events: [...before, event] };
}

/**
 * The request with votes that stood before: those who have voted already count in the panels that an escalation brought
 * them into, too, where their rejections may be the majority, or their approvals fill the last place. Nothing comes of
 * that while it waits for new evidence.
 */
export function standingAlready(state: ApprovalState, at: number, ...before: ApprovalEvent[]): Extract<Answer, { accepted: true }> {
  const by = (choice: Choice): string | undefined => votesOf(state, state.stage).findLast((vote) => vote.choice === choice)?.person;
  if (state.changes) return { accepted: true, state, events: before };
  if (isRejected(state)) return ended(state, { status: 'rejected', at, cause: 'vote', by: by('reject') }, ...before);
  if (tallyOf(state).passed) return passed(state, { at, cause: 'vote', by: by('approve') }, ...before);
  return { accepted: true, state, events: before };
}

/** Asks those whom the next deadline would bring in, before it. It takes no time from anybody: the deadline after it holds now. */
export function escalate(state: ApprovalState, act: ActOf<'escalate'>): Answer {
  if (!mayRun(state, act) && rightsOf(state, act.by ?? '', act.at).length === 0) return notAllowed('escalate', 'its requester, its approvers and operators');
  if (state.changes) return refused('approval.not_possible', `It waits for ${state.requester} to answer with new evidence, not for its approvers.`);
  return hasLink(state) ? escalated(state, author(act)) : refused('approval.not_possible', 'There is nobody left to escalate it to.');
}

export function withdraw(state: ApprovalState, act: ActOf<'withdraw'>): Answer {
  if (!mayRun(state, act)) return notAllowed('withdraw', 'its requester and operators');
  return ended(state, { status: 'withdrawn', cause: 'withdrawal', ...author(act), ...(act.comment === undefined ? {} : { comment: act.comment }) });
}

/** Tells those whom it waits for; its requester when nobody is left who could vote. A reminder of the clock stands for all that are due. */
export function remind(state: ApprovalState, act: ActOf<'remind'>): Answer {
  if (!mayRun(state, act)) return notAllowed('remind', 'its requester and operators');
  const reminded = act.by === undefined ? state.timetable.reminders.filter((at) => at <= act.at).length : state.reminded;
  if (act.by === undefined && reminded === state.reminded) return accepted(state);
  const people = awaited(state, act.at);
  return accepted({ ...state, reminded }, { type: 'reminded', ...author(act), to: people.length > 0 ? people : [state.requester] });
}

/** The clock and the run of a request, its requester, and operators. */
const mayRun = ({ requester }: ApprovalState, { by, operator = false }: { by?: string; operator?: boolean }): boolean => by === undefined || by === requester || operator;

const author = ({ at, by }: { at: number; by?: string }): { at: number; by?: string } => ({ at, ...(by === undefined ? {} : { by }) });
