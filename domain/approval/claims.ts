import type { Approvers } from './policy-schema';
import type { ApprovalRequest } from './request-schema';
import type { ApprovalState } from './state';

/**
 * The lists of the request, as they were written, by which somebody is an approver of the stage that decides now. The
 * snapshot keeps who they were; who has lost a role or group since is found by comparing with these.
 */
export function claimsOf(state: ApprovalState, { policy, escalation = [] }: Pick<ApprovalRequest, 'policy' | 'escalation'>, person: string): Approvers[] {
  const stage = (policy.stages ?? [policy])[state.stage];
  const written = stage?.panels?.map(({ approvers }) => approvers) ?? (stage?.approvers ? [stage.approvers] : []);
  const panels = state.policy.stages[state.stage]?.panels ?? [];
  const links = escalation.filter((_, link) => state.escalations[link] === state.stage && state.policy.escalation[link]?.includes(person));
  return [...written.filter((_, index) => panels[index]?.members.includes(person)), ...links.map(({ to }) => to)];
}
