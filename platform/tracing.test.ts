import { logFields, sdkFields, withLogFields } from './log-fields';
import { contextOf, inContext, runContext, startTracing, traceId, traceparent, traced } from './tracing';
import { makeLogger } from './logger';

const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('while no spans are made', () => {
  test('the trace of a caller is passed on as it came, through everything that would be a span', async () => {
    const tracing = await startTracing({}, 'test', makeLogger('error', 'test'));
    const seen = await inContext(contextOf(given), () => traced('outer', {}, () => inContext(runContext('0199a0b0-0000-7000-8000-000000000000'), async () => traceparent())));
    expect(seen).toBe(given);
    await tracing.close();
  });

  test('outside of any trace there is nothing to pass on', async () => {
    expect(await traced('outer', {}, async () => [traceparent(), traceId()])).toEqual([undefined, undefined]);
  });
});

test.each([
  undefined, '', 'nonsense', '00-00000000000000000000000000000000-b7ad6b7169203331-01', '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01', `${given}-more`,
])('%j is no trace', (text) => {
  expect(inContext(contextOf(text), traceparent)).toBeUndefined();
});

test('ids that are bound are in all that is logged inside, beside those of further out, and nowhere else', async () => {
  const inside = await withLogFields({ runId: 'r', task: 'a' }, () => withLogFields({ task: 'b' }, async () => {
    await Promise.resolve();
    return inContext(contextOf(given), logFields);
  }));
  expect(inside).toEqual({ runId: 'r', task: 'b', traceId: '0af7651916cd43dd8448eb211c80319c' });
  expect(logFields()).toEqual({});
});

const run = '0199a0b0-1111-7222-8333-444455556666';
test.each([
  [`run/flight-delays/${run}`, run], [`batch/${run}/7`, run], [`run/p/${run}.child.0`, undefined], ['run/hello/by-hand-1', undefined],
])('what Temporal says of the workflow %s is told of the run %s', (workflowId, expected) => {
  const ours = { workflowId, executionId: 'e', x: 1, ...(expected && { runId: expected }) };
  expect(sdkFields({ workflowId, runId: 'e', x: 1 })).toEqual(ours);
  expect(sdkFields({ workflowId, workflowRunId: 'e', x: 1 })).toEqual(ours);
});
