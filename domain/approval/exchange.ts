import type { ActOf } from './act';
import { accepted, notAllowed, refused, type Answer } from './refusal';
import { isBarred, isInvolved } from './rights';
import { membersOf, spent, type ApprovalState, type Delegation } from './state';
import { standing, usedUp } from './votes';

/** What approvers, their delegates and the requester say to each other beside votes. */

export function comment(state: ApprovalState, { by, at, comment: text, operator = false }: ActOf<'comment'>): Answer {
  if (!operator && !isInvolved(state, by, at)) return notAllowed('comment', 'its requester, approvers, their delegates and operators');
  return accepted(state, { type: 'commented', by, at, comment: text });
}

/** Gives the request back to its requester: nothing is decided until new evidence comes. */
export function requestChanges(state: ApprovalState, act: ActOf<'request_changes'>): Answer {
  const { by, at } = act;
  if (state.changes?.by === by) return accepted(state);
  return standing(state, act) ?? accepted({ ...state, status: 'changes_requested', changes: { by, at } }, { type: 'changes_requested', by, at, comment: act.comment });
}

/** New evidence, asked for or not. All votes lapse, and the first stage begins again. The same evidence again changes nothing. */
export function resubmit(state: ApprovalState, act: ActOf<'resubmit'>): Answer {
  const { by, at, evidenceHash, comment: text } = act;
  if (by !== state.requester) return notAllowed('resubmit', 'its requester');
  if (evidenceHash === state.evidence.hash) return state.changes ? refused('approval.evidence_unchanged', `${state.changes.by} requested changes, and this is the same evidence.`) : accepted(state);
  const { changes: _answered, ...rest } = state;
  const revision = state.evidence.revision + 1;
  return accepted(
    { ...rest, status: 'open', evidence: { hash: evidenceHash, revision }, stage: 0, votes: [] },
    { type: 'resubmitted', by, at, evidenceHash, revision, lapsed: state.votes.map(({ person }) => person), ...(text === undefined ? {} : { comment: text }) },
  );
}

/** Lends the own right to vote in place of all delegations before, or takes it back. The approver may still use it: the first of the two votes counts. */
export function delegate(state: ApprovalState, act: ActOf<'delegate'>): Answer {
  const { by, at, to } = act;
  const problem = delegatorProblem(state, act);
  if (problem) return problem;
  const own = state.delegations.filter(({ from }) => from === by);
  const others = state.delegations.filter(({ from }) => from !== by);
  const [current] = own;
  if (to === null) return current ? accepted({ ...state, delegations: others }, { type: 'delegation_ended', by, at, to: current.to }) : accepted(state);
  const wrong = delegateProblem(state, act);
  if (wrong !== null) return refused('approval.delegation_invalid', wrong);
  const dates = { ...(act.since === undefined ? {} : { since: act.since }), ...(act.until === undefined ? {} : { until: act.until }) };
  const delegation: Delegation = { from: by, to, ...dates };
  if (own.length === 1 && current?.to === to && current.since === act.since && current.until === act.until) return accepted(state);
  return accepted({ ...state, delegations: [...others, delegation] }, { type: 'delegated', by, at, to, ...dates });
}

function delegatorProblem(state: ApprovalState, { by }: ActOf<'delegate'>): Answer | null {
  const isApprover = state.policy.stages.some((_, stage) => membersOf(state, stage).has(by));
  if (!isApprover) return notAllowed('delegate', 'its approvers, not their delegates,');
  return spent(state).has(by) ? usedUp(state, by, by) : null;
}

function delegateProblem(state: ApprovalState, { by, at, to, since = at, until = Infinity }: ActOf<'delegate'>): string | null {
  if (to === by) return 'Nobody delegates to themselves.';
  if (to !== null && isBarred(state, to)) return `${to} made the request and may not decide it.`;
  return until > Math.max(at, since) ? null : 'The delegation would end before it begins.';
}
