import { checkJson, definition } from '../../test/definition/samples';
import { concurrencyOf } from './concurrency';

const run = { id: 'run-1', trigger: { type: 'api' as const }, requestedBy: 'ann', scheduledAt: null };
const inputs = { month: { type: 'string' }, airports: { type: 'array' } };

function doorOf(concurrency: object | undefined, values: Parameters<typeof concurrencyOf>[1] = { month: '2001-01', airports: ['JFK'] }) {
  const { plan } = checkJson(definition({ inputs, ...(concurrency && { concurrency }) }));
  if (!plan) throw new Error('the sample is not valid');
  return concurrencyOf(plan, values, run);
}

describe('the door of a pipeline', () => {
  it('is not there when its runs are not limited', () => {
    expect(doorOf(undefined)).toBeUndefined();
  });

  it('has the key that the inputs and the run give', () => {
    expect(doorOf({ key: '${{ inputs.month }} of ${{ run.requestedBy }}', limit: 2, whenFull: 'reject' })).toEqual({ key: '2001-01 of ann', limit: 2, whenFull: 'reject' });
  });

  it('is one for all runs when no key is said', () => {
    expect(doorOf({ limit: 1 })).toEqual({ key: '', limit: 1, whenFull: 'queue' });
  });

  it('has a key that is no text as its JSON', () => {
    expect(doorOf({ key: '${{ inputs.airports }}', limit: 1 })?.key).toBe('["JFK"]');
  });

  it('refuses a key of more than 1,024 characters', () => {
    const key = { key: '${{ inputs.month }}', limit: 1 };
    expect(doorOf(key, { month: 'x'.repeat(1_024) })?.key).toHaveLength(1_024);
    expect(() => doorOf(key, { month: 'x'.repeat(1_025) })).toThrow(expect.objectContaining({ code: 'inputs.invalid' }));
  });
});
