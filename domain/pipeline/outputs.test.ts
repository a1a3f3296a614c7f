import type { Scope } from './expressions';
import { evaluateOutputs } from './outputs';

const scope: Scope = { inputs: { month: '2001-01' }, tasks: { load: { output: { rows: 5 }, status: 'succeeded', error: null }, gone: { output: null, status: 'skipped', error: null } } };

describe('the outputs of a run', () => {
  it('are the values of their expressions, in their order', () => {
    const { outputs, warnings } = evaluateOutputs({ rows: '${{ tasks.load.output.rows }}', about: { months: ['${{ inputs.month }}'] }, fixed: 1 }, scope);
    expect(Object.entries(outputs)).toEqual([['rows', 5], ['about', { months: ['2001-01'] }], ['fixed', 1]]);
    expect(warnings).toEqual([]);
  });

  it('that fail become null with a warning, and leave the others', () => {
    const { outputs, warnings } = evaluateOutputs({ lost: '${{ tasks.gone.output.rows }}', rows: '${{ tasks.load.output.rows }}' }, scope);
    expect(outputs).toEqual({ lost: null, rows: 5 });
    expect(warnings).toEqual([expect.stringMatching(/^outputs\.lost: .+/)]);
  });
});
