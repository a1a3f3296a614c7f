import { checkJson, definition } from '../../test/definition/samples';
import { statusNames } from './expressions';
import { graphOf, taskFlag } from './run-graph';

function graph(fields: object, ...tasks: object[]) {
  const { plan } = checkJson(definition(fields, tasks.map((task, n) => ({ id: `t${n}`, uses: 'core.noop', ...task }))));
  if (!plan) throw new Error('the sample is not valid');
  return graphOf(plan, statusNames);
}

/** The flags of one task, by name. */
function flags(task: object): string[] {
  const [bits = 0] = graph({}, task).flags;
  return Object.entries(taskFlag).flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]));
}

const forEach = { in: [1], as: 'item' };

describe('the graph of a run', () => {
  it('has the needs of each task one after another', () => {
    const { size, offsets, needs } = graph({}, { needs: ['t2'] }, { needs: ['t0', 't2'] }, {});
    expect({ size, offsets: [...offsets], needs: [...needs] }).toEqual({ size: 3, offsets: [0, 1, 3, 3], needs: [2, 0, 2] });
  });

  it('holds a task that needs all others', () => {
    const others = Array.from({ length: 20_000 }, () => ({}));
    const { needs, offsets } = graph({}, ...others, { needs: others.map((_task, n) => `t${n}`) });
    expect([needs.length, offsets.at(-1), needs.at(-1)]).toEqual([20_000, 20_000, 19_999]);
  });

  it.each<[object, string[]]>([
    [{}, []],
    [{ if: 'run.id == "x"' }, ['evaluate']],
    [{ if: 'failure()' }, ['evaluate', 'statusFunction']],
    [{ if: 'cancelled()' }, ['evaluate', 'statusFunction', 'cleanup']],
    [{ if: 'always()' }, ['evaluate', 'statusFunction', 'cleanup', 'always']],
    [{ forEach }, ['evaluate', 'forEach']],
    [{ forEach: { ...forEach, continueOnError: true }, continueOnError: true }, ['evaluate', 'forEach', 'continueOnError', 'continueItems']],
    [{ uses: 'core.wait', with: { duration: '1s' } }, ['waiting']],
  ])('knows of a task with %j: %j', (task, expected) => {
    expect(flags(task)).toEqual(expected);
  });

  it('has the limits of parallel instances, and whether the first failure ends the run', () => {
    expect(graph({ failFast: true }, {}, { forEach: { ...forEach, maxParallel: 3 } })).toMatchObject({ maxParallel: new Map([[1, 3]]), failFast: true });
    expect(graph({}, { forEach })).toMatchObject({ maxParallel: new Map(), failFast: false });
  });
});
