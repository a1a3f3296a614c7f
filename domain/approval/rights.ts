import { isFinal, membersOf, spent, type ApprovalState, type Delegation } from './state';
import { tallyOf } from './tally';

const holds = ({ since = -Infinity, until = Infinity }: Delegation, at: number): boolean => since <= at && at < until;

/**
 * In whose right somebody may vote at a stage: an approver in the own, and only in that; anybody else in the right of
 * each approver who delegated to them. A delegation does not go on from its delegate to another.
 */
export function rightsOf(state: ApprovalState, person: string, at: number, stage = state.stage): string[] {
  if (isBarred(state, person)) return [];
  const members = membersOf(state, stage);
  if (members.has(person)) return [person];
  return state.delegations.filter((delegation) => delegation.to === person && holds(delegation, at) && members.has(delegation.from)).map(({ from }) => from);
}

/** A requester who may not decide may not do so for others, either. */
export const isBarred = ({ requester, policy }: ApprovalState, person: string): boolean => person === requester && !policy.requesterMayDecide;

/** Stages at which somebody may vote, now or at another time. */
export const stagesOf = (state: ApprovalState, person: string, at: number): number[] =>
  state.policy.stages.flatMap((_, stage) => (rightsOf(state, person, at, stage).length > 0 ? [stage] : []));

/** Whether the request is somebody's concern: its requester, an approver of any stage, or a delegate. */
export const isInvolved = (state: ApprovalState, person: string, at: number): boolean =>
  person === state.requester || stagesOf(state, person, at).length > 0;

/** Whom the request waits for: approvers of panels that have not reached their quorum, who have not voted, and their delegates. */
export function awaited(state: ApprovalState, at: number): string[] {
  if (state.status === 'changes_requested') return [state.requester];
  const gone = spent(state);
  const short = tallyOf(state).panels.filter(({ approved, quorum }) => approved < quorum);
  const approvers = new Set(short.flatMap(({ members }) => members).filter((person) => !gone.has(person)));
  const delegates = state.delegations.filter((delegation) => approvers.has(delegation.from) && holds(delegation, at)).map(({ to }) => to);
  return [...new Set([...approvers, ...delegates.filter((person) => !gone.has(person) && !isBarred(state, person))])];
}

/** When time alone next changes whom the request waits for, because a delegation begins or ends; null when it does not. */
export function nextShift(state: ApprovalState, at: number): number | null {
  const moments = state.delegations.flatMap(({ since = at, until = at }) => [since, until]).filter((moment) => moment > at);
  return isFinal(state) || moments.length === 0 ? null : Math.min(...moments);
}

/** Everybody whom the request concerns or has concerned, and whether it waits for them now. */
export function peopleOf(state: ApprovalState, at: number): { person: string; awaited: boolean }[] {
  const waiting = new Set(isFinal(state) ? [] : awaited(state, at));
  const approvers = state.policy.stages.flatMap((_, stage) => [...membersOf(state, stage)]);
  const others = [...state.delegations.map(({ to }) => to), ...state.votes.map(({ person }) => person)];
  return [...new Set([state.requester, ...approvers, ...others])].map((person) => ({ person, awaited: waiting.has(person) }));
}
