import { Random } from './random';
import { apiKilled } from './scenarios/api-killed';
import { equalTriggers } from './scenarios/equal-triggers';
import { limitsMet } from './scenarios/limits-met';

jest.setTimeout(120_000);

/** A short part of `npm run chaos`, in the same words; what takes outages of minutes is left to that, what loses a worker to faults/. */
const seed = 1;

test('an API killed between commit and answer has accepted each start once, however often it is sent again', async () => {
  expect(await apiKilled(new Random(seed), { kills: 1 })).toMatchObject({ breaches: [], runs: { acknowledged: 10, succeeded: 10 } });
});

test('equal triggers at once are one run under one key, and as many as there are slots at a door', async () => {
  expect(await equalTriggers({ triggers: 25 })).toMatchObject({ breaches: [], notes: { equalRuns: 1, queuedRuns: 25 } });
});

test('a payload of the size of a limit is taken, one of a byte more is not', async () => {
  const only = ['body', 'inputs', 'Idempotency-Key', 'with', 'expression', 'output', 'log line', 'error text'];
  expect(await limitsMet(new Random(seed), { only })).toMatchObject({ breaches: [], notes: { limits: only.length } });
});
