import { checkDefinition } from './check';
import { catalogue, definition } from '../../../test/definition/samples';

interface TaskText {
  id: string;
  uses: string;
  needs: string[];
  with: { message: string };
}

/** Seconds of processor time that a check takes, after asserting what it finds. */
function secondsOf(tasks: TaskText[], errors: number): number {
  const text = JSON.stringify(definition({}, tasks));
  const before = process.cpuUsage();
  const result = checkDefinition(text, 'json', catalogue);
  const { user, system } = process.cpuUsage(before);
  expect(result.errors).toHaveLength(errors);
  return (user + system) / 1e6;
}

/** V8 collects and compiles when it likes, so one measurement says little. */
const leastSecondsOf = (tasks: TaskText[]): number => Math.min(...Array.from({ length: 3 }, () => secondsOf(tasks, 0)));

const build = (size: number, needs: (n: number) => number[], read: (n: number) => number | undefined): TaskText[] =>
  Array.from({ length: size }, (_, n) => {
    const other = read(n);
    return { id: `t${n}`, uses: 'core.log', needs: needs(n).map((need) => `t${need}`), with: { message: other === undefined ? 'first' : `\${{ tasks.t${other}.output }}` } };
  });

const chain = (n: number): number[] => (n === 0 ? [] : [n - 1]);
const layers = (n: number): number[] => (n < 100 ? [] : Array.from({ length: 10 }, (_, k) => (Math.floor(n / 100) - 1) * 100 + ((n + k * 7) % 100)));

describe('a large document', () => {
  it.each<[string, (n: number) => number[], (n: number) => number | undefined]>([
    ['tasks side by side', () => [], () => undefined],
    ['a chain that reads its neighbours', chain, (n) => chain(n)[0]],
    ['a chain that reads its first task', chain, (n) => (n === 0 ? undefined : 0)],
    ['layers that read the layer before', layers, (n) => layers(n)[3]],
    ['layers that read two layers up', layers, (n) => (n < 200 ? undefined : layers(layers(n)[2] ?? 0)[5])],
  ])('is checked in time that grows with its size: %s', (_name, needs, read) => {
    const small = leastSecondsOf(build(600, needs, read));
    const large = leastSecondsOf(build(3_600, needs, read));
    // Six times the tasks: 36 times as long if it grew with the square.
    expect(large).toBeLessThan(15 * small + 0.3);
    expect(large).toBeLessThan(20);
  });

  it('of 100,000 tasks, each with eight needs and reading one, takes no more for a task than a smaller one', () => {
    const above = (n: number): number[] => (n < 1_000 ? [] : Array.from({ length: 8 }, (_, k) => (Math.floor(n / 1_000) - 1) * 1_000 + ((n + k * 97) % 1_000)));
    const read = (n: number): number | undefined => above(n)[5];
    const small = secondsOf(build(12_500, above, read), 0);
    // Eight times the tasks, on whatever machine, also where coverage is counted.
    expect(secondsOf(build(100_000, above, read), 0)).toBeLessThan(16 * small + 1);
  });

  it('with more than a thousand faults lists a thousand, with their places, and the number of the rest', () => {
    const tasks = build(5_000, () => [], () => undefined).map((task) => ({ ...task, uses: 'core.lug', needs: ['nobody'] }));
    const before = process.cpuUsage();
    const { errors } = checkDefinition(JSON.stringify(definition({}, tasks)), 'json', catalogue);
    expect(errors).toHaveLength(1_001);
    expect(errors.at(-1)).toEqual({ code: 'document.more_faults', message: '9000 more faults are not shown', path: '' });
    expect(errors.slice(0, -1).every(({ line, column }) => line === 1 && column !== undefined)).toBe(true);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(30);
  });

  it('that reads very many far ancestors is refused rather than searched without end', () => {
    const tasks = build(30_000, (n) => (n < 100 ? [] : layers(n)), (n) => (n < 15_000 ? undefined : n % 97));
    const before = process.cpuUsage();
    const { errors } = checkDefinition(JSON.stringify(definition({}, tasks)), 'json', catalogue);
    expect(errors.length).toBeGreaterThan(100);
    expect(errors.every(({ message }) => message.includes('too far up') || message.includes('not shown'))).toBe(true);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(45);
  });
});
