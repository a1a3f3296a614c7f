import fc from 'fast-check';
import type { JsonObject } from '../../json';
import type { Plan, PlanTask } from '../plan';
import type { TaskStatus } from '../status';
import { marksOf, planRerun, type OldRun, type RerunFrom, type TaskVerdict } from './rerun-plan';
import { encodeMarks } from './reuse-marks';

interface Sketch { id: string; needs: string[]; uses?: string; text?: string; reads?: string | undefined; if?: string | undefined; forEach?: string | undefined }

const planOf = (sketches: Sketch[]): Plan => ({
  language: 1, name: 'p', timeoutMs: 1, cleanupTimeoutMs: 1, defaults: { timeoutMs: 1, retry: { maxAttempts: 1, initialIntervalMs: 1, backoff: 1, maxIntervalMs: 1 } },
  tasks: sketches.map(({ id, needs, uses = 'core.log', text = '', reads, if: condition, forEach }): PlanTask => ({
    id, uses, mode: 'quick', with: { message: reads === undefined ? text : `${text} \${{ inputs.${reads} }}` },
    needs: needs.map((need) => sketches.findIndex((sketch) => sketch.id === need)).sort((a, b) => a - b),
    ...(condition !== undefined && { if: condition }), ...(forEach !== undefined && { forEach: { in: forEach, as: 'item' } }),
  })),
});

const oldRun = (plan: Plan, statuses: Record<string, TaskStatus>, inputs: JsonObject = {}, status: OldRun['status'] = 'failed'): OldRun =>
  ({ plan, inputs, status, tasks: new Map(Object.entries(statuses)) });

const shortly = ({ tasks }: { tasks: TaskVerdict[] }): Record<string, string> =>
  Object.fromEntries(tasks.map((task) => [task.task, task.verdict === 'run' ? `run: ${task.because}` : task.verdict === 'changed' ? `changed: ${task.differs.join(', ')}` : task.verdict]));

const diamond: Sketch[] = [
  { id: 'a', needs: [], reads: 'month' }, { id: 'b', needs: ['a'], reads: 'limit' }, { id: 'c', needs: ['a'] }, { id: 'd', needs: ['b', 'c'] },
];
const halfDone = { a: 'succeeded', b: 'failed', c: 'succeeded', d: 'skipped' } as const;
const inputs = { month: 'May', limit: 1 };

describe('a rerun', () => {
  const plan = planOf(diamond);

  test('from failed reuses what has succeeded, and says of the rest why it runs', () => {
    expect(shortly(planRerun(oldRun(plan, halfDone, inputs), { plan, inputs }, 'failed')))
      .toEqual({ a: 'reuse', b: 'run: it failed', c: 'reuse', d: 'run: it is below b' });
  });

  test('from the start reuses nothing', () => {
    expect(new Set(planRerun(oldRun(plan, halfDone, inputs), { plan, inputs }, 'start').tasks.map(({ verdict }) => verdict))).toEqual(new Set(['run']));
  });

  test('from a task runs it, what is below, and what did not succeed', () => {
    expect(shortly(planRerun(oldRun(plan, halfDone, inputs), { plan, inputs }, ['c'])))
      .toEqual({ a: 'reuse', b: 'run: it failed', c: 'run: it was asked for', d: 'run: it is below b' });
  });

  test('with other inputs keeps what does not read them, and names those that others read', () => {
    expect(shortly(planRerun(oldRun(plan, halfDone, inputs), { plan, inputs: { month: 'May', limit: 2 } }, 'failed'))).toMatchObject({ a: 'reuse', b: 'run: it failed', c: 'reuse' });
    expect(shortly(planRerun(oldRun(plan, halfDone, inputs), { plan, inputs: { month: 'June', limit: 1 } }, 'failed')))
      .toEqual({ a: 'changed: inputs.month', b: 'run: it is below a', c: 'run: it is below a', d: 'run: it is below b' });
  });

  test('with another version names every field that differs, and tasks that are new or gone', () => {
    const next = planOf([{ id: 'a', needs: [], reads: 'month', uses: 'core.set', text: 'new' }, { id: 'c', needs: [] }, { id: 'e', needs: [] }]);
    const { removed, ...rerun } = planRerun(oldRun(plan, halfDone, inputs), { plan: next, inputs }, 'failed');
    expect(shortly(rerun)).toEqual({ a: 'changed: uses, with', c: 'changed: needs', e: 'run: it is new' });
    expect(removed).toEqual(['b', 'd']);
  });

  test('keeps a decision to skip while nothing that it depends on is another', () => {
    const withJoin = planOf([{ id: 'a', needs: [], if: 'inputs.publish' }, { id: 'b', needs: ['a'] }, { id: 'join', needs: ['b'], if: '!failure()' }, { id: 'end', needs: ['join'] }]);
    const old = oldRun(withJoin, { a: 'skipped', b: 'skipped', join: 'succeeded', end: 'failed' }, { publish: false });
    const kept = planRerun(old, { plan: withJoin, inputs: { publish: false } }, 'failed');
    expect(shortly(kept)).toEqual({ a: 'reuse', b: 'reuse', join: 'reuse', end: 'run: it failed' });
    expect(encodeMarks(marksOf(kept))).toBe('k2sr');
    expect(shortly(planRerun(old, { plan: withJoin, inputs: { publish: true } }, 'failed'))).toMatchObject({ a: 'run: what it is decided from has changed', join: 'run: it is below b' });
  });

  test('says that a task did not run of which nothing is known', () => {
    expect(shortly(planRerun(oldRun(plan, { a: 'succeeded' }, inputs), { plan, inputs }, 'failed'))).toMatchObject({ a: 'reuse', b: 'run: it did not run', c: 'run: it did not run' });
  });

  test('with another version names a condition and an item that are another, and keeps a task without input', () => {
    const noop = (id: string, more: Partial<PlanTask> = {}): PlanTask => ({ id, uses: 'core.noop', mode: 'quick', ...more });
    const versionOf = (condition: string, item: string): Plan => ({ ...plan, tasks: [noop('x'), noop('y', { if: condition }), noop('z', { forEach: { in: [1], as: item } })] });
    const old = oldRun(versionOf('true', 'one'), { x: 'succeeded', y: 'succeeded', z: 'succeeded' });
    expect(shortly(planRerun(old, { plan: versionOf('!false', 'each'), inputs: {} }, 'failed'))).toEqual({ x: 'reuse', y: 'changed: if', z: 'changed: forEach' });
  });

  test('with any other input runs a task anew that reads all of them', () => {
    const all: Plan = { ...plan, tasks: [{ id: 'x', uses: 'core.log', mode: 'quick', with: { message: '${{ inputs }}' } }] };
    expect(shortly(planRerun(oldRun(all, { x: 'succeeded' }, inputs), { plan: all, inputs: { month: 'June', limit: 2 } }, 'failed'))).toEqual({ x: 'changed: inputs.limit, inputs.month' });
  });

  test('does not keep what a cancel decided', () => {
    const plan_ = planOf([{ id: 'a', needs: [] }, { id: 'undo', needs: ['a'], if: 'cancelled()' }]);
    expect(shortly(planRerun(oldRun(plan_, { a: 'succeeded', undo: 'succeeded' }, {}, 'cancelled'), { plan: plan_, inputs: {} }, 'failed')))
      .toEqual({ a: 'reuse', undo: 'run: it was decided by a cancel' });
  });

  test('matches items of a forEach that runs, unless what each of them depends on is another', () => {
    const each = (forEach: string, text = ''): Plan => planOf([{ id: 'a', needs: [] }, { id: 'each', needs: ['a'], forEach, text }]);
    const marks = (old: OldRun, next: Plan, from: RerunFrom = 'failed', given = {}): string => encodeMarks(marksOf(planRerun(old, { plan: next, inputs: given }, from)));
    const plan_ = each('${{ inputs.list }}');
    const failed = oldRun(plan_, { a: 'succeeded', each: 'failed' }, { list: [1] });
    expect(marks(failed, plan_, 'failed', { list: [1] })).toBe('sm');
    expect(marks(failed, plan_, 'failed', { list: [1, 2] })).toBe('sm');
    expect(marks(failed, each('${{ [1, 2] }}'))).toBe('sm');
    expect(marks(failed, each('${{ inputs.list }}', 'other'))).toBe('sr');
    expect(marks(failed, plan_, ['each'], { list: [1] })).toBe('sr');
    expect(marks(failed, plan_, ['a'], { list: [1] })).toBe('r2');
    expect(marks(oldRun(plan_, { a: 'succeeded', each: 'succeeded' }, { list: [1] }), plan_, 'failed', { list: [2] })).toBe('sm');
  });

  test('keeps a decision while its evidence is the same, but not one on another run, nor one by whoever asks for the rerun', () => {
    const asking = (text: string): Plan => planOf([{ id: 'report', needs: [] }, { id: 'ask', needs: ['report'], uses: 'approval', text }, { id: 'publish', needs: ['ask'] }]);
    const failed = { report: 'succeeded', ask: 'succeeded', publish: 'failed' } as const;
    const verdict = (plan_: Plan, more: Partial<OldRun> = {}, from: RerunFrom = 'failed') =>
      shortly(planRerun({ ...oldRun(plan_, failed), ...more }, { plan: plan_, inputs: {} }, from))['ask'];
    expect(verdict(asking('Publish?'))).toBe('reuse');
    expect(verdict(asking('Publish?'), {}, ['report'])).toBe('run: it is below report');
    expect(verdict(asking('Publish ${{ run.id }}?'))).toBe('run: what was decided names the run');
    expect(verdict(asking('Publish?'), { ownDecisions: new Set(['ask']) })).toBe('run: whoever asks for this rerun decided it');
    expect(verdict(asking('Publish?'), { ownDecisions: new Set(['report']) })).toBe('reuse');
  });

  test('of 100,000 tasks in a chain is planned in seconds', () => {
    const chain = planOf(Array.from({ length: 1 }, () => ({ id: 't0', needs: [], reads: 'month' })));
    const tasks = Array.from({ length: 100_000 }, (_, index): PlanTask => ({ id: `t${index}`, uses: 'core.log', mode: 'quick', with: { message: `${index}` }, ...(index > 0 && { needs: [index - 1] }) }));
    const old = { ...chain, tasks };
    const next = { ...chain, tasks: tasks.map((task) => ({ ...task })) };
    const statuses = Object.fromEntries(tasks.map(({ id }, index): [string, TaskStatus] => [id, index < 99_000 ? 'succeeded' : 'failed']));
    const begun = process.cpuUsage();
    const planned = planRerun(oldRun(old, statuses), { plan: next, inputs: {} }, 'failed');
    expect(process.cpuUsage(begun).user).toBeLessThan(5_000_000);
    expect(encodeMarks(marksOf(planned))).toBe('s99000r1000');
  });
});

/** What is above a task, and the task itself, found anew each time. */
function lineOf(sketches: Sketch[], id: string): string[] {
  const { needs } = sketches.find((sketch) => sketch.id === id) ?? { needs: [] };
  return [id, ...needs.flatMap((need) => lineOf(sketches, need))];
}

const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
const sketch = (index: number): fc.Arbitrary<Sketch> => fc.record({
  id: fc.constant(ids[index] ?? ''), needs: fc.subarray(ids.slice(0, index), { maxLength: Math.min(2, index) }),
  uses: fc.constantFrom('core.log', 'core.log', 'core.log', 'core.set'), text: fc.constantFrom('', '', '', 'other'), reads: fc.constantFrom(undefined, undefined, 'x', 'y'),
});
const sketches: fc.Arbitrary<Sketch[]> = fc.tuple(...ids.map((_, index) => sketch(index)));
const status = fc.constantFrom<TaskStatus>('succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled', 'pending');

test('a result is reused if and only if nothing on the way to it speaks against it', () => {
  const world = fc.record({
    old: sketches, edits: fc.array(fc.nat(5), { maxLength: 2 }), other: sketches, statuses: fc.tuple(...ids.map(() => status)),
    from: fc.oneof(fc.constantFrom<RerunFrom>('start', 'failed'), fc.subarray(ids, { minLength: 1, maxLength: 2 })),
    inputs: fc.record({ x: fc.nat(1), y: fc.nat(1) }),
  });
  fc.assert(fc.property(world, ({ old, edits, other, statuses, from, inputs: given }) => {
    const next = old.map((one, index) => (edits.includes(index) ? other[index] ?? one : one));
    const before = { x: 0, y: 0 };
    const known = Object.fromEntries(ids.map((id, index) => [id, statuses[index] ?? 'pending']));
    const holds = (id: string): boolean => {
      const [left, right] = [old, next].map((all) => all.find((one) => one.id === id));
      const read = right?.reads === 'x' ? given.x === before.x : right?.reads === 'y' ? given.y === before.y : true;
      return known[id] === 'succeeded' && JSON.stringify(left) === JSON.stringify(right) && read && !(Array.isArray(from) && from.includes(id));
    };
    const planned = planRerun(oldRun(planOf(old), known, before), { plan: planOf(next), inputs: given }, from);
    for (const { task, verdict } of planned.tasks) {
      expect([task, verdict === 'reuse']).toEqual([task, from !== 'start' && lineOf(next, task).every(holds)]);
    }
  }), { numRuns: 300 });
});
