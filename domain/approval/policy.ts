import type { Fault } from '../pipeline/fault';
import type { Approvers, Policy } from './policy-schema';
import type { ApprovalRequest } from './request-schema';
import { canFill } from './seating';

/** Approvers with a quorum of their own, as they were when the request was made. */
export interface Panel {
  name: string;
  quorum: number;
  /** Names of users, without repetition. */
  members: string[];
}

export interface Stage {
  name?: string;
  panels: Panel[];
}

/** The policy of one request. Groups and roles are resolved: whoever joins or leaves them later changes nothing here. */
export interface PolicySnapshot {
  stages: Stage[];
  rejection: 'any' | 'majority';
  requesterMayDecide: boolean;
  rejectionNeedsComment: boolean;
  /** Who may decide, too, after the first, second, … escalation. */
  escalation: string[][];
}

export interface PolicySource {
  policy: Policy;
  escalation?: ApprovalRequest['escalation'];
  requester: string;
  /** The users whom these approvers are at this moment. */
  resolve: (approvers: Approvers) => Iterable<string>;
}

/**
 * Resolves a policy. A requester who may not decide is left out, and a policy that its people can never fulfil is a
 * fault: better refused than waited for.
 */
export function snapshotPolicy({ policy, escalation = [], requester, resolve }: PolicySource): { snapshot: PolicySnapshot; faults: Fault[] } {
  const requesterMayDecide = policy.requesterMayDecide ?? false;
  let isLeftOut = false;
  const people = (approvers: Approvers): string[] => {
    const named = new Set(resolve(approvers));
    isLeftOut = (!requesterMayDecide && named.delete(requester)) || isLeftOut;
    return [...named];
  };
  const snapshot: PolicySnapshot = {
    stages: (policy.stages ?? [policy]).map((stage) => stageOf(stage, people)),
    rejection: policy.rejection ?? 'any',
    requesterMayDecide,
    rejectionNeedsComment: policy.rejectionNeedsComment ?? false,
    escalation: escalation.map(({ to }) => people(to)),
  };
  return { snapshot, faults: [...sizeFaults(snapshot), ...quorumFaults(snapshot, isLeftOut ? `; ${requester} asks, and may not decide unless requesterMayDecide is true` : ''), ...escalationFaults(snapshot)] };
}

type StageFields = Pick<Policy, 'approvers' | 'quorum' | 'panels'> & { name?: string | undefined };

function stageOf({ name, approvers, quorum, panels }: StageFields, people: (approvers: Approvers) => string[]): Stage {
  const written = panels ?? (approvers ? [{ name: undefined, approvers, quorum }] : []);
  return {
    ...(name === undefined ? {} : { name }),
    panels: written.map((panel) => {
      const [members, { quorum = 1 }] = [people(panel.approvers), panel];
      // Where they are too few, everybody who was meant is named.
      return { name: panel.name ?? nameOf(panel.approvers, members.length < quorum ? [] : members), quorum, members };
    }),
  };
}

/** `release-managers`: what approvers are called by those who gave the panel no name. People who are named one by one are called by their names. */
function nameOf({ groups = [], roles = [], users = [] }: Approvers, members: readonly string[]): string {
  const names = [...groups, ...roles];
  return peopleText(names.length === 0 && members.length > 0 ? members : [...names, ...users]);
}

/** `ann, bob and 3 more` */
export const peopleText = (names: readonly string[]): string =>
  (names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`);

/** Everybody in a panel counts, once for each panel: the snapshot travels in the history of a workflow. */
const mostMembers = 2_000;

function sizeFaults({ stages, escalation }: PolicySnapshot): Fault[] {
  const lists = [...stages.flatMap(({ panels }) => panels.map(({ members }) => members)), ...escalation];
  const count = lists.reduce((sum, { length }) => sum + length, 0);
  return count <= mostMembers ? [] : [{ code: 'approval.policy', message: `the policy names ${count} approvers over all panels, at most ${mostMembers} are accepted`, path: '/policy' }];
}

/** @param hint why somebody who is named is not among them */
function quorumFaults({ stages }: PolicySnapshot, hint: string): Fault[] {
  const panels = stages.flatMap((stage) => stage.panels);
  const short = panels.filter(({ members, quorum }) => members.length < quorum);
  const faults = short.map(({ name, members, quorum }) => policyFault(`${quorum} of ${name} must approve, and ${members.length === 0 ? 'nobody' : `only ${members.length}`} may${hint}`));
  const everybody = new Set(panels.flatMap(({ members }) => members));
  if (faults.length > 0 || canFill(panels, everybody)) return faults;
  const places = panels.reduce((sum, { quorum }) => sum + quorum, 0);
  return [policyFault(`${places} different people are needed, because everybody counts once, and its approvers are too few for that${hint}`)];
}

const escalationFaults = ({ escalation }: PolicySnapshot): Fault[] =>
  escalation.flatMap((people, index) => (people.length > 0 ? [] : [{ code: 'approval.policy', message: 'the escalation leads to nobody', path: `/escalation/${index}/to` }]));

const policyFault = (problem: string): Fault => ({ code: 'approval.policy', message: `the policy can never be fulfilled: ${problem}`, path: '/policy' });
