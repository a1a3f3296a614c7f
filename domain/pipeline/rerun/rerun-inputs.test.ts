import type { InputSpec, Plan } from '../plan';
import { changedInputs, rerunInputs } from './rerun-inputs';

const plan = (inputs: Record<string, InputSpec>): Plan => ({
  language: 1, name: 'p', inputs, timeoutMs: 1, cleanupTimeoutMs: 1, tasks: [],
  defaults: { timeoutMs: 1, retry: { maxAttempts: 1, initialIntervalMs: 1, backoff: 1, maxIntervalMs: 1 } },
});
const month: InputSpec = { type: 'string' };

test('the inputs of the old run hold, except those that are given', () => {
  const same = plan({ month, limit: { type: 'integer', default: 5 } });
  expect(rerunInputs({ plan: same, inputs: { month: 'May', limit: 5 } }, same, { month: 'June' })).toEqual({ month: 'June', limit: 5 });
});

test('in another version an input that had its default has the new one, and one that is gone is left out', () => {
  const old = { plan: plan({ month, limit: { type: 'integer', default: 5 }, least: { type: 'integer', default: 1 }, gone: month }), inputs: { month: 'May', limit: 5, least: 3, gone: 'x' } };
  const next = plan({ month, limit: { type: 'integer', default: 9 }, least: { type: 'integer', default: 2 } });
  expect(rerunInputs(old, next, {})).toEqual({ month: 'May', least: 3 });
});

test('a version without inputs takes none of the old run, and one after it takes what is given', () => {
  const { inputs: _inputs, ...bare } = plan({});
  expect(rerunInputs({ plan: plan({ month }), inputs: { month: 'May' } }, bare, {})).toEqual({});
  expect(rerunInputs({ plan: bare, inputs: {} }, plan({ month }), { month: 'June' })).toEqual({ month: 'June' });
});

test('inputs differ by their values, whatever the order of keys, and by being there', () => {
  expect(changedInputs({ a: { x: 1, y: 2 }, b: 1, d: null }, { a: { y: 2, x: 1 }, b: 2, c: 3 })).toEqual(['b', 'c', 'd']);
});
