import type { ActOf, ApprovalEvent, VoteAct } from './act';
import { ended, passed, standingAlready } from './ending';
import { formFaults } from './form';
import { accepted, notAllowed, refused, timeText, type Answer } from './refusal';
import { isInvolved, rightsOf, stagesOf } from './rights';
import { rightOf, spent, type ApprovalState, type Choice, type Vote } from './state';
import { isRejected, laterStagesPossible, tallyOf, votesOf } from './tally';

/** One vote: who may give it, whether it counts, and what it brings about. The same vote again changes nothing. */
export function vote(state: ApprovalState, act: VoteAct): Answer {
  const own = state.votes.find(({ person }) => person === act.by);
  if (own) return again(state, act, own);
  const refusal = standing(state, act);
  if (refusal) return refusal;
  const right = freeRight(state, act);
  if (typeof right !== 'string') return right;
  return contentProblem(state, act) ?? count(state, act, right);
}

const done: Readonly<Record<Choice, string>> = { approve: 'approved', reject: 'rejected', abstain: 'abstained' };

function again(state: ApprovalState, act: VoteAct, own: Vote): Answer {
  if (isStale(state, act)) return stale(state);
  if (own.choice === act.type) return accepted(state);
  return refused('approval.already_decided', `You have ${done[own.choice]} on ${timeText(own.at)}. Revoke that to vote otherwise.`);
}

/** Why somebody may not speak on the evidence now: not theirs, not their turn, not what they saw. Null when they may. */
export function standing(state: ApprovalState, act: VoteAct | ActOf<'request_changes'>): Answer | null {
  if (rightsOf(state, act.by, act.at).length === 0) return outOfTurn(state, act);
  if (state.changes) return refused('approval.not_possible', `${state.changes.by} requested changes on ${timeText(state.changes.at)}. It waits for ${state.requester} to answer with new evidence.`);
  return isStale(state, act) ? stale(state) : null;
}

/** Tells approvers of another stage why it is too late or too early, and everybody else that it is none of theirs. */
function outOfTurn(state: ApprovalState, act: VoteAct | ActOf<'request_changes'>): Answer {
  const stages = stagesOf(state, act.by, act.at);
  const later = stages.find((stage) => stage > state.stage);
  const earlier = stages.at(-1);
  if (later !== undefined) return refused('approval.not_possible', `Stage ${later + 1} is yours, and stage ${state.stage + 1} decides now.`);
  if (earlier === undefined) return notAllowed(act.type, 'its approvers and their delegates');
  const last = votesOf(state, earlier).at(-1);
  return refused('approval.not_possible', `Stage ${earlier + 1} is over${last ? `: the vote of ${last.person} passed it on ${timeText(last.at)}` : ''}.`);
}

const isStale = ({ evidence }: ApprovalState, { evidenceHash }: { evidenceHash?: string }): boolean => evidenceHash !== undefined && evidenceHash !== evidence.hash;

const stale = ({ requester, evidence }: ApprovalState): Answer =>
  refused('approval.evidence_changed', `${requester} has changed the evidence since you saw it (revision ${evidence.revision}). Look at it again before you decide.`);

/** The right that a vote uses up: the one it names, or the first that nobody has used. */
function freeRight(state: ApprovalState, { by, at, type, for: named }: VoteAct): string | Answer {
  const rights = rightsOf(state, by, at).filter((right) => named === undefined || right === named);
  const gone = spent(state);
  const free = rights.find((right) => !gone.has(right));
  if (free !== undefined) return free;
  const [first] = rights;
  return first === undefined ? notAllowed(type, `delegates of ${named}, who are no approvers themselves,`) : usedUp(state, by, first);
}

/** What somebody is told whose right, or whose delegator's, is used up: by whose vote, and in whose name. */
export function usedUp({ votes }: ApprovalState, by: string, right: string): Answer {
  const used = votes.filter((vote) => rightOf(vote) === right || vote.person === right);
  const told = used.map(({ person, at }) => {
    const name = right === person ? '' : ` for ${right === by ? 'you' : right}`;
    return `${person === by ? 'You have' : `${person} has`} voted already${name} on ${timeText(at)}.`;
  });
  return refused('approval.already_decided', told.join(' '));
}

function contentProblem({ policy, form }: ApprovalState, { type, comment, form: values = {} }: VoteAct): Answer | null {
  if (type === 'reject' && policy.rejectionNeedsComment && !comment?.trim()) return refused('approval.comment_invalid', 'A rejection needs a comment that says why.');
  const asked = form ?? { type: 'object', properties: {} };
  const faults = formFaults(type === 'approve' ? asked : { ...asked, required: [] }, values);
  return faults.length === 0 ? null : refused('approval.form_invalid', `The form is not filled in as it asks: ${faults.map(({ message }) => message).join('; ')}.`, { faults });
}

function count(state: ApprovalState, act: VoteAct, right: string): Answer {
  const { by, at, type: choice, comment, form } = act;
  const lent = right === by ? {} : { for: right };
  const said = { ...(comment === undefined ? {} : { comment }), ...(form === undefined ? {} : { form }) };
  const voted: ApprovalState = { ...state, votes: [...state.votes, { person: by, ...lent, choice, stage: state.stage, at }] };
  const event: ApprovalEvent = { type: 'voted', by, at, choice, ...lent, ...said };
  const outcome = { at, cause: 'vote', by, ...said } as const;
  if (choice === 'reject' && isRejected(voted)) return ended(voted, { status: 'rejected', ...outcome }, event);
  if (laterStagesPossible(state, state.stage) && !laterStagesPossible(voted, state.stage)) {
    return refused('approval.not_possible', 'You are needed at a later stage, and everybody votes once in a request: leave this one to others, or delegate.');
  }
  if (choice !== 'approve' || !tallyOf(voted).passed) return accepted(voted, event);
  return passed(voted, outcome, event);
}

/** Takes back what somebody said last: the request for changes that holds everything up, or a vote of the present stage. */
export function revoke(state: ApprovalState, { by, at }: ActOf<'revoke'>): Answer {
  const { changes, ...rest } = state;
  if (changes?.by === by) return standingAlready({ ...rest, status: 'open' }, at, { type: 'changes_request_revoked', by, at });
  const own = state.votes.find(({ person }) => person === by);
  if (!own) return isInvolved(state, by, at) ? refused('approval.not_possible', 'You have no vote to revoke.') : notAllowed('revoke', 'its approvers and their delegates');
  if (changes) return refused('approval.not_possible', `${changes.by} requested changes on ${timeText(changes.at)}: the votes lapse when new evidence comes.`);
  if (own.stage !== state.stage) return refused('approval.not_possible', `Stage ${own.stage + 1}, at which you ${done[own.choice]} on ${timeText(own.at)}, is over.`);
  return accepted({ ...state, votes: state.votes.filter((one) => one !== own) }, { type: 'vote_revoked', by, at });
}
