import type { RunFacts } from '../../domain/pipeline/facts';
import { FactsLog } from './facts-log';
import { Projector } from './projector';

const written: RunFacts[] = [];

/** A server under so much load that no timer fires. */
jest.mock('@temporalio/workflow', () => {
  class CancellationScope {
    static nonCancellable = <T>(work: () => T): T => work();
    run = <T>(work: () => T): T => work();
    cancel(): void {}
  }
  return {
    CancellationScope,
    isCancellation: () => false,
    sleep: () => new Promise(() => {}),
    proxyActivities: () => ({ projectRun: async (_planHash: string, facts: RunFacts) => void written.push(facts) }),
    proxyLocalActivities: () => ({}),
  };
});

const startedAt = '2026-01-01T00:00:00.000Z';
const progress = { total: 1, pending: 0, queued: 0, running: 1, waiting: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 };

beforeEach(() => {
  written.length = 0;
  jest.useFakeTimers({ now: Date.parse(startedAt) });
});
afterEach(() => jest.useRealTimers());

test('news that waited long enough is written when the run wakes, though its timer never fires', () => {
  const log = new FactsLog();
  const projector = new Projector('hash', log, () => ({ runId: 'run', startedAt, status: 'running', progress }));
  log.addEvent('task.running', startedAt);
  projector.touch();

  jest.advanceTimersByTime(200);
  projector.touch();
  expect(written).toEqual([]);

  jest.advanceTimersByTime(200);
  projector.touch();
  expect(written).toMatchObject([{ events: [{ type: 'task.running' }] }]);
});
