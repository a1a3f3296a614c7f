/** Built-in roles. Any other role name on a key is free to use in approval policies and opens nothing here. */
export const roles = ['admin', 'operator', 'author', 'trigger', 'approver', 'agent', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** What a route asks for: one of the roles, or only a valid key. */
export type Access = Role | 'anyone';

/**
 * Which role may do what: the key of the table is the role that somebody has, the list what it opens.
 * - `viewer` reads everything but keys, secrets, connections and the audit;
 * - `trigger` starts runs; `author` also applies and archives pipelines, and reads the names of secrets, and connections;
 * - `operator` cancels, pauses, resumes and retries, reads the audit, and decrypts what Temporal keeps;
 * - `approver` decides, `agent` does tasks; an agent reads nothing else;
 * - `admin` does everything, and alone manages keys, secrets and connections.
 */
const opens: Record<Role, readonly Role[]> = {
  admin: roles,
  operator: ['operator', 'trigger', 'viewer'],
  author: ['author', 'trigger', 'viewer'],
  trigger: ['trigger', 'viewer'],
  approver: ['approver', 'viewer'],
  agent: ['agent'],
  viewer: ['viewer'],
};

const isRole = (name: string): name is Role => roles.some((role) => role === name);

/** Whether a key with these roles may use a route that asks for `access`. */
export function mayUse(held: readonly string[], access: Access): boolean {
  return access === 'anyone' || held.some((name) => isRole(name) && opens[name].includes(access));
}
