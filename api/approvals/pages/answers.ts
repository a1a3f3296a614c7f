import type { Act } from '../../../domain/approval/act';
import { decide } from '../../../domain/approval/decide';
import { rightsOf } from '../../../domain/approval/rights';
import { standingText } from '../../../domain/approval/standing-text';
import { isFinal, spent, type ApprovalState } from '../../../domain/approval/state';
import { excerpt } from './evidence-html';

export const answers = ['approve', 'reject', 'abstain', 'request_changes'] as const;
export type AnswerName = (typeof answers)[number];

/** An answer that a person may give, and what follows from it. */
export interface PossibleAnswer {
  name: AnswerName;
  label: string;
  follows: string;
}

const labels: Readonly<Record<AnswerName, string>> = { approve: 'Approve', reject: 'Reject', abstain: 'Abstain', request_changes: 'Request changes' };

/** The answers that would count now, each with what follows: the rules themselves are asked. Who has voted takes that back first. */
export function possibleAnswers(state: ApprovalState, person: string, now: number): PossibleAnswer[] {
  // A form that is not filled in yet does not make an answer impossible.
  const { form: _form, ...asked } = state;
  if (state.votes.some((vote) => vote.person === person)) return [];
  const rights = lenders(state, person, now);
  return answers.flatMap((name) => {
    const acts = rights.length > 1 && name !== 'request_changes' ? rights.slice(0, mostLenders).map((right) => ({ ...actOf(name, person, now), for: right })) : [actOf(name, person, now)];
    const possible = acts.map((act) => decide(asked, act)).filter((answer) => answer.accepted && answer.events.length > 0);
    const texts = new Set(possible.map((answer) => (answer.accepted ? followsText(name, answer.state, now) : '')));
    const [only, another] = texts;
    if (only === undefined) return [];
    return [{ name, label: labels[name], follows: another === undefined ? only : 'What follows depends on for whom you decide: see who decides, above.' }];
  });
}

/** In characters: with many panels it names many. The page has them all, apart. */
export const longestStanding = 400;

/** What follows is worked out for so many. */
const mostLenders = 20;

/** Why somebody cannot answer now. */
export function obstacle(state: ApprovalState, person: string, now: number): string {
  if (state.votes.some((vote) => vote.person === person)) return 'You have answered. To answer otherwise, take it back first.';
  const { form: _form, ...asked } = state;
  const answer = decide(asked, actOf('approve', person, now));
  return answer.accepted ? 'You have answered.' : answer.refusal.message;
}

/** Somebody comments where one is needed; whether the person does so is seen when they answer. */
const actOf = (type: AnswerName, by: string, at: number): Act => ({ type, by, at, comment: 'because' });

function followsText(name: AnswerName, after: ApprovalState, now: number): string {
  if (name === 'request_changes') return `It goes back to ${after.requester}, who answers with new evidence. Nothing is decided until then, and votes so far lapse.`;
  if (isFinal(after)) return `This decides it: it is ${after.status}.`;
  const standing = excerpt(standingText(after, now), longestStanding);
  switch (name) {
    case 'approve': return `Your approval counts. Then: ${standing}.`;
    case 'reject': return `Your rejection counts. Then: ${standing}.`;
    case 'abstain': return `You take no side. Then: ${standing}.`;
  }
}

/** For whom the person may still vote, where it is not in their own right. */
export function lenders(state: ApprovalState, person: string, now: number): string[] {
  const gone = spent(state);
  return rightsOf(state, person, now).filter((right) => right !== person && !gone.has(right));
}
