import { canonicalJson } from '../../canonical-json';
import type { Plan, PlanTask } from '../plan';

/** Two definitions compared; `left` is the one that the changes lead away from. */
export interface DefinitionDiff {
  /** Fields of the pipeline that differ, in the words of the language. */
  fields: string[];
  /** In the order of the right one; what only the left one has comes last. */
  tasks: { id: string; change: 'added' | 'removed' | 'changed'; fields: string[] }[];
}

/** Follow from other fields. */
const derived: ReadonlySet<string> = new Set(['id', 'reads', 'mode']);
/** Compared on their own. */
const apart: ReadonlySet<string> = new Set(['language', 'name', 'tasks']);

export function diffDefinitions(left: Plan, right: Plan): DefinitionDiff {
  if (left === right) return { fields: [], tasks: [] };
  const before = new Map(left.tasks.map((task) => [task.id, task]));
  const after = new Set(right.tasks.map(({ id }) => id));
  const tasks = right.tasks.flatMap((task): DefinitionDiff['tasks'] => {
    const old = before.get(task.id);
    if (!old) return [{ id: task.id, change: 'added', fields: [] }];
    const fields = differingFields(readable(left, old), readable(right, task), derived);
    return fields.length > 0 ? [{ id: task.id, change: 'changed', fields }] : [];
  });
  const removed = left.tasks.flatMap(({ id }): DefinitionDiff['tasks'] => (after.has(id) ? [] : [{ id, change: 'removed', fields: [] }]));
  return { fields: differingFields(left, right, apart), tasks: [...tasks, ...removed] };
}

/** Needs by name: their numbers shift with every task that comes or goes. */
const readable = (plan: Plan, task: PlanTask): object =>
  ({ ...task, needs: (task.needs ?? []).map((index) => plan.tasks[index]?.id ?? '').sort() });

function differingFields(left: object, right: object, without: ReadonlySet<string>): string[] {
  const [before, after] = [new Map<string, unknown>(Object.entries(left)), new Map<string, unknown>(Object.entries(right))];
  const names = [...new Set([...before.keys(), ...after.keys()])].filter((name) => !without.has(name));
  return names.filter((name) => canonicalJson(before.get(name)) !== canonicalJson(after.get(name))).map((name) => name.replace(/Ms$/, '')).sort();
}
