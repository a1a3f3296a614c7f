import { outcomeText } from '../../../domain/approval/refusal';
import { isFinal } from '../../../domain/approval/state';
import { html, type Html } from '../../../platform/html';
import { personTime } from '../../../platform/person-time';
import { done } from './people-html';
import type { Scene } from './scene';

/** What became of an act, as the page is told after it: a word of its address. */
export const doneWords = ['counted', 'again', 'pending', 'told'] as const;
export type DoneWord = (typeof doneWords)[number];

const words: Readonly<Record<DoneWord, string>> = {
  counted: 'It counted. Thank you.',
  again: 'It had counted already; nothing has changed.',
  pending: 'It has arrived, and is carried out as soon as the service is fully up. Open this page again to see it.',
  told: 'It is done.',
};

/** What a person has done and what became of it: the last thing on the page, and the first after a decision. */
export function receiptSection({ row, reviewer: { person } }: Scene, word: DoneWord | null): Html {
  const { state, evidenceHash, id } = row;
  const vote = state.votes.find((one) => one.person === person);
  const wants = state.changes?.by === person ? state.changes : undefined;
  if (!vote && !wants && !state.outcome && word === null) return html``;
  const at = (time: number): string => personTime(time, state.timetable.timeZone);
  return html`<section class="good" id="receipt" tabindex="-1" aria-labelledby="receipt-title"><h2 id="receipt-title">Receipt</h2>
${word !== null && html`<p role="status"><strong>${words[word]}</strong></p>`}
${vote && html`<p>You <b>${done[vote.choice]}</b> this${vote.for !== undefined && ` for ${vote.for}`} on ${at(vote.at)}.</p>`}
${wants && html`<p>You <b>requested changes</b> on ${at(wants.at)}.</p>`}
${state.outcome && html`<p>${outcomeText(state.outcome)}.</p>${state.outcome.comment !== undefined && html`<blockquote>${state.outcome.comment}</blockquote>`}`}
<p class="soft">Request <code>${id}</code><br>Evidence <code>${evidenceHash}</code></p>
${(vote?.stage === state.stage || wants) && !isFinal(state) && html`<form method="post" action=""><button name="act" value="revoke">Take it back</button></form>`}</section>`;
}
