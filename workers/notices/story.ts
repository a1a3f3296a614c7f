import type { DueNotice } from '../../db/approvals/notice-queue';
import type { RecordEntry } from '../../domain/approval/record';
import type { NoticeKind } from '../../domain/approval/notices';
import { rightsOf } from '../../domain/approval/rights';
import { deadlineOf, isFinal, type ApprovalState } from '../../domain/approval/state';
import type { Json } from '../../domain/json';
import { personTime } from '../../platform/person-time';

/** What happened and what is asked, in words: the same in mails and messages. */
export interface Story {
  /** Before the title, as the subject of a mail: `Please decide`. */
  headline: string;
  /** One sentence. */
  lead: string;
  /** What somebody said with it. */
  comment: string | null;
  /** Whether an answer is waited for; else it only tells. */
  asks: boolean;
}

type Teller = (facts: { requester: string; by: string; state: ApprovalState; /** For whom the reader decides. */ represented: string }) => Omit<Story, 'comment'>;

const tellers: Readonly<Record<NoticeKind, Teller>> = {
  request: ({ requester }) => ({ headline: 'Please decide', lead: `${requester} asks for your decision.`, asks: true }),
  escalated: ({ requester, by }) => ({ headline: 'Escalated to you', lead: `${by === '' ? 'Its deadline has passed' : `${by} has escalated this`}, and ${requester} now asks for your decision, too.`, asks: true }),
  delegated: ({ by, requester }) => ({ headline: 'Please decide', lead: `${by} has asked you to decide this for them. ${requester} made the request.`, asks: true }),
  delegation_begun: ({ requester, represented }) => ({ headline: 'Please decide', lead: `You now decide for ${represented || 'somebody'}, who is away. ${requester} made the request.`, asks: true }),
  reminder: ({ requester, state }) => (state.status === 'changes_requested'
    ? { headline: 'Reminder', lead: 'Your request waits for you: changes were asked for.', asks: true }
    : { headline: 'Reminder', lead: `${requester} still waits for a decision.`, asks: true }),
  changes_requested: ({ by }) => ({ headline: 'Changes requested', lead: `${by} asks you to change something before it is decided. Answer with new evidence; until then nobody can decide.`, asks: true }),
  changes_request_revoked: ({ by }) => ({ headline: 'No changes needed', lead: `${by} has taken the request for changes back. Your request can be decided again as it is.`, asks: false }),
  resubmitted: ({ by }) => ({ headline: 'New evidence', lead: `${by} has changed the evidence. Votes on what it was before do not count any more; please look at it again.`, asks: true }),
  commented: ({ by }) => ({ headline: 'New comment', lead: `${by} has commented.`, asks: false }),
  voted: ({ by }) => ({ headline: 'Vote', lead: `${by} has voted.`, asks: false }),
  vote_revoked: ({ by }) => ({ headline: 'Vote revoked', lead: `${by} has taken their vote back.`, asks: false }),
  decided: ({ state }) => ({ headline: outcomeWords(state), lead: decidedLead(state), asks: false }),
  link: () => ({ headline: 'Your new link', lead: 'Here is the link that you asked for.', asks: true }),
};

/** What a notice tells. Values about persons may have been erased meanwhile; then it says `somebody`. @param now milliseconds since 1970 */
export function storyOf({ kind, approval: { requester, state }, entry, person }: Pick<DueNotice, 'kind' | 'approval' | 'entry' | 'person'>, now: number): Story {
  const by = personal(entry, 'by');
  const isErased = entry !== null && 'by' in entry.personal && by === '';
  const represented = rightsOf(state, person, now).join(' and ');
  const story = tellers[kind]({ requester, by: kind === 'escalated' ? by : by || 'Somebody', state, represented });
  return { ...story, comment: isErased ? null : personal(entry, 'comment') || null };
}

/** How a request that has ended is called; its present status otherwise. */
function outcomeWords({ status }: ApprovalState): string {
  switch (status) {
    case 'open': return 'Open';
    case 'changes_requested': return 'Changes requested';
    case 'approved': return 'Approved';
    case 'rejected': return 'Rejected';
    case 'expired': return 'Expired';
    case 'withdrawn': return 'Withdrawn';
  }
}

function decidedLead(state: ApprovalState): string {
  const { outcome, timetable } = state;
  if (!outcome) return 'It has been decided.';
  const when = personTime(outcome.at, timetable.timeZone);
  switch (outcome.cause) {
    case 'vote': return `It is ${outcome.status}. ${outcome.by ?? 'Somebody'} cast the last vote on ${when}.`;
    case 'deadline': return `Its deadline passed on ${when}: ${outcome.status}.`;
    case 'withdrawal': return outcome.by === undefined ? `It was withdrawn on ${when}, because its run ended.` : `${outcome.by} withdrew it on ${when}.`;
  }
}

/** Until when it can be decided, for people; null without a deadline and after the end. */
export function deadlineText(state: ApprovalState): string | null {
  const at = deadlineOf(state);
  return at === undefined || isFinal(state) ? null : personTime(at, state.timetable.timeZone);
}

/** A value of an entry about a person, or what is not about one; empty where there is none. */
function personal(entry: RecordEntry | null, name: string): string {
  const part = entry?.personal[name];
  return textOf(part && 'value' in part ? part.value : entry?.body[name]);
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
