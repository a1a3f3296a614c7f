import type { TaskStatus } from '../status';
import type { ChangeReason } from './states';

/** What is started and ends as one: a task (`instance` -1) or one instance of a `forEach` (its item number). */
export interface Unit {
  task: number;
  instance: number;
}

export interface StatusChange extends Unit {
  generation: number;
  status: TaskStatus;
  reason?: ChangeReason;
}
