import { awaited } from '../../../domain/approval/rights';
import { deadlineOf, isFinal, panelsOf, rightOf, type ApprovalState, type Choice, type Vote } from '../../../domain/approval/state';
import { tallyOf, votesOf } from '../../../domain/approval/tally';
import { html, type Html } from '../../../platform/html';
import { personTime } from '../../../platform/person-time';
import { longestStanding } from './answers';
import { excerpt } from './evidence-html';
import type { Scene } from './scene';

export const done: Readonly<Record<Choice, string>> = { approve: 'approved', reject: 'rejected', abstain: 'abstained' };
const tone: Readonly<Record<Choice, string>> = { approve: 'ok', reject: 'no', abstain: 'wait' };

/** Of all stages. Where there are more, those of the stages that do not decide now are only counted. */
const mostPanels = 20;

/** Who else decides, stage by stage, and how it stands. @param most people of a panel that are named */
export function peopleSection({ row, reviewer, now }: Scene, most: number): Html {
  const { state } = row;
  const { stages } = state.policy;
  const brief = stages.reduce((sum, { panels }) => sum + panels.length, 0) > mostPanels;
  return html`<section aria-labelledby="people"><h2 id="people">Who decides</h2>
<p class="cap">${excerpt(row.standing, longestStanding)}.</p>
${stages.map(({ panels }, stage) => html`${stages.length > 1 && stageHeading(state, stage)}${brief && stage !== state.stage
  ? html`<p class="soft">${panels.length} panels</p>`
  : panelsHtml(state, stage, reviewer.person, most)}`)}
${delegationsHtml(state)}
${timeHtml(state, now)}</section>`;
}

function stageHeading(state: ApprovalState, stage: number): Html {
  const name = state.policy.stages[stage]?.name;
  const isNow = stage === state.stage && !isFinal(state);
  return html`<h3>Stage ${stage + 1}${name !== undefined && `: ${name}`}${isNow && html` <span class="tag wait">decides now</span>`}</h3>`;
}

function panelsHtml(state: ApprovalState, stage: number, person: string, most: number): Html {
  const votes = new Map(votesOf(state, stage).map((vote) => [rightOf(vote), vote]));
  const tallies = stage === state.stage ? tallyOf(state).panels : [];
  return html`${panelsOf(state, stage).map(({ name, quorum, members }, index) => {
    // Who has voted and the reader come first: of 500 approvers the others are not named.
    const ordered = [...members].sort((some, other) => rank(other) - rank(some));
    const approved = tallies[index]?.approved;
    return html`<p><b>${name}</b>: ${approved !== undefined && `${approved} of `}${quorum} ${quorum === 1 ? 'approval' : 'approvals'} needed, of ${members.length} ${members.length === 1 ? 'person' : 'people'}</p>
${most > 0 && html`<ul>${ordered.slice(0, most).map((member) => memberHtml(member, person, votes.get(member)))}${members.length > most && html`<li class="soft">and ${members.length - most} more</li>`}</ul>`}`;
  })}`;

  function rank(member: string): number {
    return (votes.has(member) ? 2 : 0) + (member === person ? 1 : 0);
  }
}

function memberHtml(member: string, person: string, vote: Vote | undefined): Html {
  const you = member === person && ' (you)';
  if (!vote) return html`<li>${member}${you}</li>`;
  return html`<li>${member}${you}: <span class="${tone[vote.choice]}">${done[vote.choice]}</span>${vote.for !== undefined && ` by ${vote.person}`}</li>`;
}

const delegationsHtml = ({ delegations, timetable: { timeZone } }: ApprovalState): Html =>
  html`${delegations.slice(0, 20).map(({ from, to, since, until }) => html`<p class="soft">${from} has asked ${to} to decide for them${since !== undefined && ` from ${personTime(since, timeZone)}`}${until !== undefined && ` until ${personTime(until, timeZone)}`}.</p>`)}`;

function timeHtml(state: ApprovalState, now: number): Html {
  const at = deadlineOf(state);
  if (isFinal(state)) return html``;
  if (at === undefined) return html`<p class="soft">It has no deadline.</p>`;
  const waiting = awaited(state, now).length;
  return html`<p>Until <b>${personTime(at, state.timetable.timeZone)}</b>; then ${deadlineWords(state)}.${waiting > 1 && html` <span class="soft">${waiting} people are waited for.</span>`}</p>`;
}

function deadlineWords({ timetable, policy, escalations }: ApprovalState): string {
  switch (timetable.onDeadline) {
    case 'expire': return 'it expires';
    case 'approve': return 'it is approved, unless somebody has objected';
    case 'reject': return 'it is rejected';
    case 'cancel': return 'it is withdrawn';
    case 'escalate': {
      const next = policy.escalation[escalations.length];
      return next ? `${next.slice(0, 3).join(', ')}${next.length > 3 ? ` and ${next.length - 3} more` : ''} may decide, too` : 'it expires';
    }
  }
}
