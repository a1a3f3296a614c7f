import { at } from '../cells';

const none = -1;

/** Tasks in the order in which they were added; a task is in it at most once, and leaves from anywhere in O(1). */
export class TaskList {
  private head = none;
  private tail = none;
  private readonly member: Uint8Array;
  private readonly nexts: Int32Array;
  private readonly previous: Int32Array;

  constructor(size: number) {
    this.member = new Uint8Array(size);
    this.nexts = new Int32Array(size);
    this.previous = new Int32Array(size);
  }

  get first(): number | undefined {
    return this.head === none ? undefined : this.head;
  }

  after(task: number): number | undefined {
    const next = at(this.nexts, task);
    return next === none ? undefined : next;
  }

  add(task: number): void {
    if (at(this.member, task) === 1) return;
    this.member[task] = 1;
    this.link(this.tail, task);
    this.link(task, none);
  }

  remove(task: number): void {
    if (at(this.member, task) === 0) return;
    this.member[task] = 0;
    this.link(at(this.previous, task), at(this.nexts, task));
  }

  private link(before: number, behind: number): void {
    if (before === none) this.head = behind;
    else this.nexts[before] = behind;
    if (behind === none) this.tail = before;
    else this.previous[behind] = before;
  }
}
