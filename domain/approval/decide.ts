import type { Act } from './act';
import { escalate, remind, settleDeadlines, withdraw } from './ending';
import { comment, delegate, requestChanges, resubmit } from './exchange';
import { accepted, closed, notAllowed, refused, type Answer } from './refusal';
import { isInvolved } from './rights';
import type { ApprovalState, Outcome } from './state';
import { revoke, vote } from './votes';

/**
 * What an act does to a request: the state after it and what came of it, or why it does not count. Pure, so that
 * races have one outcome: acts come one after the other, and the later one meets what the earlier one decided.
 * `README.md` shows the table.
 */
export function decide(state: ApprovalState, act: Act): Answer {
  const settled = settleDeadlines(state, act.at);
  const answer = answerTo(settled.state, act);
  return answer.accepted ? { ...answer, events: [...settled.events, ...answer.events] } : answer;
}

function answerTo(state: ApprovalState, act: Act): Answer {
  if (state.outcome) return tooLate(state, act, state.outcome);
  const problem = commentProblem(act);
  if (problem !== null) return refused('approval.comment_invalid', problem);
  switch (act.type) {
    case 'approve':
    case 'reject':
    case 'abstain':
      return vote(state, act);
    case 'comment':
      return comment(state, act);
    case 'request_changes':
      return requestChanges(state, act);
    case 'resubmit':
      return resubmit(state, act);
    case 'revoke':
      return revoke(state, act);
    case 'delegate':
      return delegate(state, act);
    case 'withdraw':
      return withdraw(state, act);
    case 'remind':
      return remind(state, act);
    case 'escalate':
      return escalate(state, act);
    case 'deadline':
      return accepted(state);
  }
}

/** An act on what has ended: nothing new when it says what is so, else a refusal that tells who decided what. */
function tooLate(state: ApprovalState, act: Act, outcome: Outcome): Answer {
  if (!('by' in act) || act.by === undefined || isRepeated(state, act)) return accepted(state);
  const isOperator = 'operator' in act && act.operator === true;
  return isOperator || isInvolved(state, act.by, act.at) ? closed(outcome) : notAllowed(act.type, 'those whom it concerns');
}

function isRepeated({ votes, evidence, outcome }: ApprovalState, act: Act): boolean {
  switch (act.type) {
    case 'approve':
    case 'reject':
    case 'abstain':
      return (act.evidenceHash ?? evidence.hash) === evidence.hash && votes.some(({ person, choice }) => person === act.by && choice === act.type);
    case 'withdraw':
      return outcome?.cause === 'withdrawal' && outcome.by === act.by;
    default:
      return false;
  }
}

const longestComment = 4_000;

function commentProblem(act: Act): string | null {
  const needed = act.type === 'comment' || act.type === 'request_changes';
  const text = 'comment' in act ? act.comment : undefined;
  if (needed && !text?.trim()) return act.type === 'comment' ? 'The comment is empty.' : 'A request for changes needs a comment that says which.';
  return text !== undefined && text.length > longestComment ? `The comment has more than ${longestComment} characters.` : null;
}
