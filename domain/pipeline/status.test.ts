import { isFinalRun, isFinalTask, runStatuses, taskStatuses } from './status';

test('a task is final when nothing more can happen to it', () => {
  expect(taskStatuses.filter(isFinalTask)).toEqual(['succeeded', 'failed', 'skipped', 'cancelled']);
});

test('a run is final when nothing more can happen to it', () => {
  expect(runStatuses.filter(isFinalRun)).toEqual(['succeeded', 'failed', 'cancelled', 'timed_out']);
});
