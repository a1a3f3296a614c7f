import { limits } from '../../limits';
import { cyclesOf, cycleText, orderOf, type Order } from './graph';
import type { Nearest } from './nearest';
import type { FaultList } from './place';
import type { Task } from './schema';

/** The tasks of a document by index and id, and who needs whom; faults in ids and needs are reported while it is made. */
export interface TaskList {
  /** What is left of each task after the check of its shape. */
  tasks: readonly Partial<Task>[];
  indexOf: ReadonlyMap<string, number>;
  /** Indices, ascending, without repetition. */
  needs: readonly number[][];
  order: Order;
}

/** Why an expression may not read a task. */
export interface Refusal {
  message: string;
  suggestion?: string | undefined;
}

export const unknownTask = (id: string, indexOf: TaskList['indexOf'], nearest: Nearest): Refusal =>
  ({ message: `there is no task ${id}`, suggestion: nearest.to(id, indexOf.keys()) });

/** The tasks by their ids and needs. What is wrong with these is added to `faults`; a need that stands twice to `warnings`. */
export function listTasks(tasks: readonly Partial<Task>[], faults: FaultList, warnings: FaultList, nearest: Nearest): TaskList {
  const indexOf = new Map<string, number>();
  tasks.forEach(({ id }, index) => {
    if (id === undefined) return;
    const first = indexOf.get(id);
    if (first === undefined) indexOf.set(id, index);
    else faults.add({ path: ['tasks', index, 'id'] }, 'task.duplicate', `there are two tasks ${id}: the other is number ${first + 1}`);
  });
  const needs = tasks.map((task, index) => needsOf(task, index, { indexOf, faults, warnings, nearest }));
  const edges = needs.reduce((sum, list) => sum + list.length, 0);
  if (edges > limits.edges) faults.add({ path: ['tasks'] }, 'task.too_many_needs', `the tasks have ${edges} needs together, at most ${limits.edges} are accepted`);
  const order = orderOf(needs);
  if (order.sorted.length < tasks.length) reportCycles(tasks, needs, faults);
  return { tasks, indexOf, needs, order };
}

interface Context {
  indexOf: ReadonlyMap<string, number>;
  faults: FaultList;
  warnings: FaultList;
  nearest: Nearest;
}

function needsOf(task: Partial<Task>, index: number, { indexOf, faults, warnings, nearest }: Context): number[] {
  const found = new Set<number>();
  task.needs?.forEach((id, position) => {
    const place = { path: ['tasks', index, 'needs', position] };
    const need = indexOf.get(id);
    if (need === undefined) {
      const { message, suggestion } = unknownTask(id, indexOf, nearest);
      faults.add(place, 'task.unknown_need', message, suggestion);
    } else if (need === index) faults.add(place, 'task.needs_itself', `the task ${id} needs itself`);
    else if (found.has(need)) warnings.add(place, 'task.repeated_need', `${id} stands twice`);
    else found.add(need);
  });
  return [...found].sort((a, b) => a - b);
}

function reportCycles(tasks: readonly Partial<Task>[], needs: readonly number[][], faults: FaultList): void {
  const idOf = (task: number): string => tasks[task]?.id ?? `number ${task + 1}`;
  for (const cycle of cyclesOf(needs)) {
    faults.add({ path: ['tasks', cycle[0] ?? 0, 'needs'] }, 'task.cycle', `tasks need each other in a circle: ${cycleText(cycle, idOf)}`);
  }
}
