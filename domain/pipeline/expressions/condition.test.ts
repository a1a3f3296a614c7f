import { bareCondition, conditionReferences, evaluateCondition, referencesOf, statusNames, type Scope } from './index';

const fine = { success: true, failure: false, cancelled: false };
const failed = { success: false, failure: true, cancelled: false };
const cancelled = { success: false, failure: false, cancelled: true };
const scope: Scope = { inputs: { publish: true, n: 1 } };

describe('an `if`', () => {
  it('without a status function implies success()', () => {
    expect(evaluateCondition('inputs.publish', scope, fine)).toBe(true);
    expect(evaluateCondition('inputs.publish', scope, failed)).toBe(false);
    expect(evaluateCondition('inputs.n == 2', scope, fine)).toBe(false);
  });

  it('is not evaluated when the implied success() is false', () => {
    expect(evaluateCondition('inputs.missing', scope, failed)).toBe(false);
    expect(() => evaluateCondition('inputs.missing', scope, fine)).toThrow('No such key: missing');
  });

  it.each([
    ['success()', true, false, false], ['failure()', false, true, false], ['cancelled()', false, false, true], ['always()', true, true, true],
    ['!failure() && !cancelled()', true, false, false], ['always() && inputs.n == 2', false, false, false], ['failure() || inputs.publish', true, true, true],
  ])('%s gives %s after success, %s after a failure and %s after a cancel', (source, afterSuccess, afterFailure, afterCancel) => {
    expect([fine, failed, cancelled].map((status) => evaluateCondition(source, scope, status))).toEqual([afterSuccess, afterFailure, afterCancel]);
  });

  it('gives true or false, or fails', () => {
    expect(() => evaluateCondition('inputs.n', scope, fine)).toThrow('gives true or false, `inputs.n` gave 1');
  });

  it('may stand bare or in ${{ }}', () => {
    expect(bareCondition(' ${{ inputs.publish }} ')).toBe('inputs.publish');
    expect(bareCondition(' inputs.publish ')).toBe('inputs.publish');
    expect(bareCondition('${{ a }} ${{ b }}')).toBe('${{ a }} ${{ b }}');
    expect(bareCondition('${{ a')).toBe('${{ a');
  });
});

describe('status functions', () => {
  it.each([['inputs.publish', []], ['success()', ['success']], ['!failure() && !cancelled()', ['failure', 'cancelled']], ['inputs.list.exists(x, always())', ['always']], ['"always()" == inputs.x', []]])(
    'named by %s are known',
    (source, names) => {
      expect([...statusNames(source)]).toEqual(names);
    },
  );
});

describe('references', () => {
  it('are what the expressions of a template read', () => {
    const template = { a: '${{ tasks.x.output.rows + tasks["y"].output }}', b: ['${{ inputs.n }} ${{ secrets.KEY }}', '${{ airport }} ${{ index }}'], c: 'tasks.z.output' };
    expect(referencesOf(template)).toEqual({ tasks: ['x', 'y'], inputs: true, inputNames: ['n'], run: false, event: false, secrets: ['KEY'], locals: ['airport', 'index'] });
  });

  it('leave out what a macro declares', () => {
    expect(referencesOf('${{ tasks.a.output.map(tasks, tasks.b) }}').tasks).toEqual(['a']);
    expect(referencesOf('${{ cel.bind(inputs, run.id, inputs + "x") }}')).toMatchObject({ inputs: false, run: true, locals: [] });
    expect(referencesOf('${{ {"a": -event.n, "b": !true, "c": optional.of(tasks.q.status)} }}')).toMatchObject({ tasks: ['q'], event: true });
  });

  it('see what is read through a computed field, and inputs as a whole', () => {
    expect(referencesOf('${{ tasks.a.output[inputs.key].b }}')).toMatchObject({ tasks: ['a'], inputNames: ['key'] });
    expect(referencesOf('${{ inputs }}')).toMatchObject({ inputs: true, inputNames: [] });
    expect(referencesOf('${{ [1][0] + {"a": run}.a }}')).toMatchObject({ run: true });
  });

  it('of a condition are found too', () => {
    expect(conditionReferences('failure() && tasks.a.status == "failed"').tasks).toEqual(['a']);
  });
});
