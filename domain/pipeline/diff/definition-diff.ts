import { canonicalJson } from '../../canonical-json';
import { formatDuration } from '../../duration';
import { parseJson, type Json } from '../../json';
import type { Plan, PlanTask } from '../plan';
import type { ValueDiff } from './run-diff';

/** Two definitions compared; `left` is the one that the changes lead away from. */
export interface DefinitionDiff {
  /** Fields of the pipeline that differ, in the words of the language: `timeout`, `inputs.month`. */
  fields: ValueDiff[];
  /** In the order of the right one; what only the left one has comes last. */
  tasks: { id: string; change: 'added' | 'removed' | 'changed'; fields: ValueDiff[] }[];
}

/** Follow from other fields. */
const derived: ReadonlySet<string> = new Set(['id', 'reads', 'mode']);
/** Compared on their own. */
const apart: ReadonlySet<string> = new Set(['language', 'name', 'tasks']);
/** Their parts are compared one by one. */
const opened: ReadonlySet<string> = new Set(['with', 'inputs', 'outputs']);
/** Names in them are the author's own. */
const authored: ReadonlySet<string> = new Set([...opened, 'labels', 'in']);

/** What differs between two plans: fields of the pipeline, and tasks by id with their fields, as they were and as they are. */
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
  ({ ...task, ...(task.needs && { needs: task.needs.map((index) => plan.tasks[index]?.id ?? '').sort() }) });

function differingFields(left: object, right: object, without: ReadonlySet<string>): ValueDiff[] {
  const [before, after] = [fieldsOf(left, without), fieldsOf(right, without)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.filter((name) => before.get(name) !== after.get(name)).map((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    const root = name.split('.', 1)[0] ?? name;
    return { name: root === name ? wordOf(name) : name, ...(old !== undefined && { left: inWords(root, parseJson(old)) }), ...(now !== undefined && { right: inWords(root, parseJson(now)) }) };
  });
}

/** Canonical JSON by field. */
function fieldsOf(part: object, without: ReadonlySet<string>): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries<unknown>({ ...part })) {
    if (without.has(name) || value === undefined) continue;
    if (!opened.has(name) || typeof value !== 'object' || value === null) fields.set(name, canonicalJson(value));
    else for (const [key, item] of Object.entries<unknown>({ ...value })) fields.set(`${name}.${key}`, canonicalJson(item));
  }
  return fields;
}

const wordOf = (name: string): string => name.replace(/Ms$/, '');

/** A part of a plan as its author wrote it: a plan has durations in milliseconds. */
function inWords(name: string, value: Json): Json {
  if (authored.has(name)) return value;
  if (typeof value === 'number') return name.endsWith('Ms') ? formatDuration(value) : value;
  if (Array.isArray(value)) return value.map((item) => inWords('', item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [wordOf(key), inWords(key, part)]));
}
