import { at } from '../cells';
import { TaskList } from './task-list';

/** Tasks that have units to start, in the order in which they came to have some. */
export class ReadyTasks {
  private readonly offers: Uint32Array;
  private readonly lanes: { waiting: TaskList; working: TaskList };
  private offered = 0;

  constructor(size: number, private readonly waits: (task: number) => boolean) {
    this.offers = new Uint32Array(size);
    this.lanes = { waiting: new TaskList(size), working: new TaskList(size) };
  }

  /** Units that could start now. */
  get units(): number {
    return this.offered;
  }

  /** Says how many units of a task could start now. */
  offer(task: number, units: number): void {
    this.offered += units - at(this.offers, task);
    this.offers[task] = units;
    const lane = this.waits(task) ? this.lanes.waiting : this.lanes.working;
    if (units > 0) lane.add(task);
    else lane.remove(task);
  }

  /**
   * Offers tasks in order, each again while it has units left and they are taken. Waiting tasks come first and apart:
   * they hold nothing, and must not be hidden behind work that has no room. Of either kind at most `maxRefused` tasks
   * are passed by, so that a wide run is not walked through for every completion.
   */
  visit(take: (task: number) => Taking, maxRefused: number): void {
    this.visitLane(this.lanes.waiting, take, maxRefused);
    this.visitLane(this.lanes.working, take, maxRefused);
  }

  private visitLane(lane: TaskList, take: (task: number) => Taking, maxRefused: number): void {
    let refused = 0;
    for (let task = lane.first; task !== undefined && refused <= maxRefused; ) {
      const after = lane.after(task);
      const taking = take(task);
      if (taking === 'end') return;
      if (taking === 'refused') refused++;
      if (taking === 'refused' || at(this.offers, task) === 0) task = after;
    }
  }
}

/** What came of an offer; `end`: nothing more is wanted. */
export type Taking = 'taken' | 'refused' | 'end';
