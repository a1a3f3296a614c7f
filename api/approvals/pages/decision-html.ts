import { isInvolved } from '../../../domain/approval/rights';
import { isFinal, membersOf, spent, type ApprovalState } from '../../../domain/approval/state';
import { html, type Html } from '../../../platform/html';
import { lenders, obstacle, type PossibleAnswer } from './answers';
import { formFieldsHtml, type Sent } from './form-fields';
import type { Scene } from './scene';

/** Where a person answers. Everything is in one form, whose buttons say what is done. */
export function decisionSection({ row, reviewer, now }: Scene, possible: PossibleAnswer[], sent: Sent, brief: boolean): Html {
  const { state, evidenceHash } = row;
  if (isFinal(state)) return html``;
  const content = possible.length > 0 ? answerForm(state, possible, lenders(state, reviewer.person, now), sent, brief) : html`<p>${obstacle(state, reviewer.person, now)}</p>`;
  const others = otherActs(state, reviewer.person, now);
  return html`<section aria-labelledby="decision"><h2 id="decision">Your decision</h2>
<form method="post" action=""><input type="hidden" name="evidenceHash" value="${evidenceHash}">${content}${others}</form></section>`;
}

function answerForm({ form }: ApprovalState, possible: PossibleAnswer[], rights: string[], sent: Sent, brief: boolean): Html {
  return html`${rights.length > 1 && lenderField(rights, sent['for'] ?? '')}${form && formFieldsHtml(form, sent, brief)}
<fieldset><legend>Your answer</legend>${possible.map(({ name, label, follows }) => html`<label class="choice"><input type="radio" name="answer" value="${name}"${sent['answer'] === name && ' checked'}><span><b>${label}</b><span class="soft">${follows}</span></span></label>`)}</fieldset>
${commentField(sent)}
<button class="main" name="act" value="answer">Send my decision</button>`;
}

/** Of so many one is chosen; of more the name is typed. */
const mostChoices = 20;

/** Several people have lent their votes: one is used at a time, and which is never guessed. */
const lenderField = (rights: string[], chosen: string): Html => html`<div class="field"><label for="for">For whom do you decide?</label><span class="soft" id="for-hint">${rights.length} people have asked you to decide for them. Your answer counts for one of them, because everybody answers once.</span>
${rights.length > mostChoices
    ? html`<input id="for" name="for" autocomplete="off" value="${chosen}" aria-describedby="for-hint">`
    : html`<select id="for" name="for" aria-describedby="for-hint"><option value="">–</option>${rights.map((right) => html`<option${right === chosen && ' selected'}>${right}</option>`)}</select>`}</div>`;

const commentField = (sent: Sent): Html => html`<div class="field"><label for="comment">Comment</label><span class="soft" id="comment-hint">Kept in the record. Everybody whom this concerns can read it.</span><textarea id="comment" name="comment" rows="3" aria-describedby="comment-hint">\n${sent['comment'] ?? ''}</textarea></div>`;

/** What is done rarely: behind a line that opens without a script. */
function otherActs(state: ApprovalState, person: string, now: number): Html {
  const isApprover = state.policy.stages.some((_, stage) => membersOf(state, stage).has(person)) && !spent(state).has(person);
  const isOwn = person === state.requester;
  const lent = state.delegations.find(({ from }) => from === person);
  if (!isInvolved(state, person, now)) return html``;
  return html`<details><summary>Something else</summary>
${isApprover && html`<div class="field"><label for="to">Let somebody else decide for you</label><input id="to" name="to" autocomplete="off" aria-describedby="to-hint"><span class="soft" id="to-hint">The name of a person. Until they have voted you still may.</span></div>
<p><button name="act" value="delegate">Delegate</button>${lent && html` <button name="act" value="undelegate">Take it back from ${lent.to}</button>`}</p>`}
<div class="field"><label for="remark">Say something without deciding</label><textarea id="remark" name="remark" rows="2"></textarea></div>
<p><button name="act" value="comment">Send comment</button></p>
${isOwn && html`<p><button name="act" value="withdraw">Withdraw the request</button></p>`}</details>`;
}

/** For whom the person decides, where it is not for themselves. */
export const delegationNote = ({ row, reviewer, now }: Scene): string | null => {
  const names = lenders(row.state, reviewer.person, now);
  const more = names.length - mostChoices;
  return names.length === 0 ? null : `You decide for ${names.slice(0, mostChoices).join(' or ')}${more > 0 ? ` or ${more} more` : ''}.`;
};
