import type { Panel } from './policy';
import { canFill, fillSeats } from './seating';
import { membersOf, panelsOf, rightOf, spent, type ApprovalState, type Choice, type Vote } from './state';

export interface PanelTally extends Panel {
  /** How many places of its quorum are filled: at most the quorum, and nobody fills two. */
  approved: number;
  rejections: number;
  abstentions: number;
}

export interface Tally {
  stage: number;
  panels: PanelTally[];
  passed: boolean;
  /** Too many abstained: without an escalation, new evidence or somebody who thinks again only time ends it. */
  stalled: boolean;
}

/** How the votes of the stage that decides now stand. */
export function tallyOf(state: ApprovalState): Tally {
  const panels = panelsOf(state, state.stage);
  const votes = votesOf(state, state.stage);
  const filled = fillSeats(panels, rightsBy(votes, 'approve'));
  const [rejecting, abstaining] = [new Set(rightsBy(votes, 'reject')), new Set(rightsBy(votes, 'abstain'))];
  const tallies = panels.map((panel, index) => ({
    ...panel, approved: filled[index] ?? 0, rejections: countIn(panel, rejecting), abstentions: countIn(panel, abstaining),
  }));
  return { stage: state.stage, panels: tallies, passed: tallies.every(({ approved, quorum }) => approved === quorum), stalled: isStalled(state) };
}

/** Whether the present rejections end the request. */
export function isRejected(state: ApprovalState): boolean {
  const rejecting = new Set(rightsBy(votesOf(state, state.stage), 'reject'));
  if (state.policy.rejection === 'any') return rejecting.size > 0;
  const panels = panelsOf(state, state.stage);
  const hasMajority = (panel: Panel): boolean => countIn(panel, rejecting) * 2 > panel.members.length;
  return rejecting.size > 0 && (panels.some(hasMajority) || !canFill(panels, without(available(state), rejecting)));
}

/** Whether the stages after this one have people enough, when nobody counts twice in a request. */
export function laterStagesPossible(state: ApprovalState, stage: number): boolean {
  const panels = state.policy.stages.flatMap((_, index) => (index > stage ? panelsOf(state, index) : []));
  const people = new Set(panels.flatMap(({ members }) => members));
  return canFill(panels, without(people, spent(state)));
}

export const votesOf = ({ votes }: ApprovalState, stage: number): Vote[] => votes.filter((vote) => vote.stage === stage);

function isStalled(state: ApprovalState): boolean {
  const silent = new Set(votesOf(state, state.stage).filter(({ choice }) => choice !== 'approve').map(rightOf));
  return !canFill(panelsOf(state, state.stage), without(available(state), silent));
}

/** Approvers of this stage, but for those who counted in one before it. */
const available = (state: ApprovalState): Set<string> =>
  without(membersOf(state, state.stage), spent({ votes: state.votes.filter(({ stage }) => stage < state.stage) }));

const countIn = ({ members }: Panel, people: ReadonlySet<string>): number => members.filter((member) => people.has(member)).length;

const rightsBy = (votes: readonly Vote[], choice: Choice): string[] => votes.filter((vote) => vote.choice === choice).map(rightOf);

const without = (people: ReadonlySet<string>, gone: ReadonlySet<string>): Set<string> => new Set([...people].filter((person) => !gone.has(person)));
