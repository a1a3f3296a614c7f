import { at } from '../cells';
import { TaskList } from './task-list';

/** Steps that wait hold nothing: they and work are offered apart, so that neither takes the places of the other. */
export type Lane = 'waiting' | 'working';

/** Tasks that have units to start, in the order in which they came to have some. */
export class ReadyTasks {
  private readonly offers: Uint32Array;
  private readonly lanes: Readonly<Record<Lane, { tasks: TaskList; units: number }>>;

  constructor(size: number, private readonly waits: (task: number) => boolean) {
    this.offers = new Uint32Array(size);
    this.lanes = { waiting: { tasks: new TaskList(size), units: 0 }, working: { tasks: new TaskList(size), units: 0 } };
  }

  /** Units that could start now. */
  unitsIn(lane: Lane): number {
    return this.lanes[lane].units;
  }

  /** Says how many units of a task could start now. */
  offer(task: number, units: number): void {
    const lane = this.lanes[this.waits(task) ? 'waiting' : 'working'];
    lane.units += units - at(this.offers, task);
    this.offers[task] = units;
    if (units > 0) lane.tasks.add(task);
    else lane.tasks.remove(task);
  }

  /**
   * Offers tasks in order, each again while it has units left and they are taken. At most `maxRefused` tasks are passed
   * by, so that a wide run is not walked through for every completion.
   */
  visit(lane: Lane, take: (task: number) => Taking, maxRefused: number): void {
    const { tasks } = this.lanes[lane];
    let refused = 0;
    for (let task = tasks.first; task !== undefined && refused <= maxRefused; ) {
      const after = tasks.after(task);
      const taking = take(task);
      if (taking === 'end') return;
      if (taking === 'refused') refused++;
      if (taking === 'refused' || at(this.offers, task) === 0) task = after;
    }
  }
}

/** What came of an offer; `end`: nothing more is wanted. */
export type Taking = 'taken' | 'refused' | 'end';
