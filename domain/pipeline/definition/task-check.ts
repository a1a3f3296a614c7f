import { limits } from '../../limits';
import type { Catalogue, CatalogueEntry } from '../catalogue';
import { Ancestry } from './ancestry';
import { checkApproval } from './approval-check';
import type { ExpressionCheck, Visible } from './expression-check';
import { isJson } from './json-value';
import type { Nearest } from './nearest';
import type { FaultList, Path } from './place';
import type { Task } from './schema';
import { unknownTask, type Refusal, type TaskList } from './task-list';
import { checkWith } from './with-check';

const base = ['inputs', 'tasks', 'run'] as const;

/** Checks each task against its processor, and its expressions against what they may see. */
export class TaskCheck {
  readonly #ancestry: Ancestry;
  readonly #reads: Set<number>[];

  constructor(
    private readonly list: TaskList,
    private readonly catalogue: Catalogue,
    private readonly expressions: ExpressionCheck,
    private readonly faults: FaultList,
    private readonly nearest: Nearest,
  ) {
    this.#ancestry = new Ancestry(list.needs, list.order);
    this.#reads = list.tasks.map(() => new Set());
  }

  /** Indices of the tasks that a task reads, ascending. Known after its check. */
  readsOf(index: number): number[] {
    return [...(this.#reads[index] ?? [])].sort((a, b) => a - b);
  }

  check(index: number): void {
    const task = this.list.tasks[index] ?? {};
    const path = ['tasks', index];
    const entry = this.#processor(task, path);
    const visible: Visible = { names: new Set(base), admit: (id) => this.#admit(index, id) };
    if (task.if !== undefined) this.expressions.single(String(task.if), [...path, 'if'], visible, 'condition', 'bool');
    if (task.forEach) this.#forEach(task.forEach, [...path, 'forEach', 'in'], visible);
    const bytes = Buffer.byteLength(JSON.stringify(task.with ?? {}));
    if (bytes > limits.withBytes) this.faults.add({ path: [...path, 'with'] }, 'with.too_large', `with has ${bytes} bytes, at most ${limits.withBytes} are accepted`);
    this.expressions.template(task.with, [...path, 'with'], { ...visible, names: namesOf(task, entry) });
    if (entry) checkWith(entry, task.with ?? {}, [...path, 'with'], this.faults, this.nearest);
    if (entry?.name === 'approval') checkApproval(task.with ?? {}, [...path, 'with'], this.faults);
  }

  #processor({ uses }: Partial<Task>, path: Path): CatalogueEntry | undefined {
    if (uses === undefined) return undefined;
    const entry = this.catalogue.get(uses);
    if (entry?.withdrawnAt !== undefined) this.faults.add({ path: [...path, 'uses'] }, 'processor.withdrawn', `no worker has the processor ${uses} any more; the last one had it at ${entry.withdrawnAt}. Was its plugin removed?`);
    if (!entry) this.faults.add({ path: [...path, 'uses'] }, 'processor.unknown', `there is no processor ${uses}`, this.nearest.to(uses, this.catalogue.keys()));
    return entry;
  }

  #forEach({ in: items }: NonNullable<Task['forEach']>, path: Path, visible: Visible): void {
    if (typeof items === 'string') return this.expressions.single(items, path, visible, 'value', 'list');
    if (items.length > limits.forEachItems) this.faults.add({ path }, 'for_each.too_many', `the list has ${items.length} items, at most ${limits.forEachItems} are accepted`);
    const bytes = Buffer.byteLength(JSON.stringify(items));
    if (bytes > limits.forEachItemsBytes) this.faults.add({ path }, 'for_each.too_large', `the list has ${bytes} bytes, at most ${limits.forEachItemsBytes} are accepted`);
    this.expressions.template(items.filter(isJson), path, visible);
  }

  /** Lets an expression read a task only when that one is surely final before: when it is an ancestor. */
  #admit(reader: number, id: string): Refusal | null {
    const read = this.list.indexOf.get(id);
    if (read === undefined) return unknownTask(id, this.list.indexOf, this.nearest);
    this.#reads[reader]?.add(read);
    if (read === reader) return { message: 'a task cannot read itself' };
    const ancestor = this.#ancestry.isAncestor(read, reader);
    if (ancestor) return null;
    const reason = ancestor === null ? 'is too far up to be looked for' : 'may not be final by then';
    return { message: `the task ${id} ${reason}: add it to needs`, suggestion: `needs: [${id}]` };
  }
}

/** What `with` sees: an item below `forEach`, and secrets where an activity resolves it just before use. */
function namesOf(task: Partial<Task>, entry: CatalogueEntry | undefined): ReadonlySet<string> {
  const names = new Set<string>(base);
  if (task.forEach) names.add('index').add(task.forEach.as);
  if (entry?.mode !== 'workflow') names.add('secrets');
  return names;
}

