import { AppError } from '../domain/errors';
import { catalogue, definition } from '../test/definition/samples';
import { DefinitionChecker, type DefinitionCheckerOptions } from './definition-checker';

const open: DefinitionChecker[] = [];
const checker = (options: DefinitionCheckerOptions = {}): DefinitionChecker => {
  const made = new DefinitionChecker(options);
  open.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const sample = JSON.stringify(definition());
const large = (size: number): string =>
  JSON.stringify(definition({}, Array.from({ length: size }, (_, n) => ({ id: `t${n}`, uses: 'core.log', needs: n === 0 ? [] : [`t${n - 1}`], with: { message: n === 0 ? 'first' : `\${{ tasks.t${n - 1}.output }}` } }))));

describe('the definition checker', () => {
  it('gives the same result at once and in its thread', async () => {
    const text = JSON.stringify(definition({ timeout: '1x' }));
    const [atOnce, inThread] = await Promise.all([checker().check(text, 'json', catalogue, 'ann'), checker({ inlineCharacters: 0 }).check(text, 'json', catalogue, 'ann')]);
    expect(inThread).toEqual(atOnce);
    expect(atOnce.errors).toHaveLength(1);
  });

  it('answers many requests in turn from one thread', async () => {
    const one = checker({ inlineCharacters: 0, mostOfOne: 20 });
    const results = await Promise.all(Array.from({ length: 20 }, () => one.check(sample, 'json', catalogue, 'ann')));
    expect(results.every(({ plan }) => plan?.name === 'sample')).toBe(true);
  });

  it('refuses what is more than it keeps waiting, and checks what waits', async () => {
    const one = checker({ inlineCharacters: 0, mostWaiting: 2 });
    const answers = await Promise.allSettled(Array.from({ length: 5 }, (_, index) => one.check(sample, 'json', catalogue, `author ${index}`)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect(answers[4]).toMatchObject({ reason: { code: 'unavailable', retryable: true } });
  });

  it('lets those who ask take turns, and keeps so many of one waiting', async () => {
    const one = checker({ inlineCharacters: 0, mostOfOne: 3 });
    const ended: string[] = [];
    const ask = (owner: string, name: string): Promise<unknown> => one.check(sample, 'json', catalogue, owner).then(() => ended.push(name), (error: unknown) => ended.push(`${name}: ${error instanceof AppError ? error.code : ''}`));
    await Promise.all([...['ann 1', 'ann 2', 'ann 3', 'ann 4', 'ann 5'].map((name) => ask('ann', name)), ask('bob', 'bob 1')]);
    expect(ended).toEqual(['ann 5: rate_limited', 'ann 1', 'ann 2', 'bob 1', 'ann 3', 'ann 4']);
  });

  it('uses the catalogue of each request', async () => {
    const one = checker({ inlineCharacters: 0 });
    expect((await one.check(sample, 'json', catalogue, 'ann')).plan).not.toBeNull();
    expect((await one.check(sample, 'json', new Map(), 'ann')).errors[0]?.code).toBe('processor.unknown');
    expect((await one.check(sample, 'json', catalogue, 'ann')).plan).not.toBeNull();
  });

  it('answers a check that takes too long as a fault, and serves the next request', async () => {
    const one = checker({ inlineCharacters: 0, timeoutMs: 3_000 });
    const texts = Array.from({ length: 50_000 }, (_, n) => Array.from({ length: 8 }, (__, k) => `\${{ run.id + "${n}.${k}" }}`).join(' '));
    const many = texts.map((message, n) => ({ id: `t${n}`, uses: 'core.log', with: { message } }));
    const [slow, next] = await Promise.all([one.check(JSON.stringify(definition({}, many)), 'json', catalogue, 'ann'), one.check('name: a', 'yaml', catalogue, 'ann')]);
    expect(slow).toMatchObject({ plan: null, errors: [{ code: 'document.too_complex', message: expect.stringContaining('longer than 3 s') }] });
    expect(next.errors.map(({ code }) => code)).toEqual(['field.missing']);
  });

  it('answers a check that takes too much memory as a fault, and serves the next request', async () => {
    const one = checker({ inlineCharacters: 0, memoryMb: 32 });
    const greedy = await one.check(large(20_000), 'json', catalogue, 'ann');
    expect(greedy.errors[0]).toMatchObject({ code: 'document.too_complex', message: expect.stringContaining('memory') });
    expect((await one.check(sample, 'json', catalogue, 'ann')).plan?.name).toBe('sample');
  });

  // The largest document that is accepted has its test in domain/pipeline/definition/large.test.ts.
  it('checks 20,000 tasks within seconds', async () => {
    const before = process.cpuUsage();
    const { plan, errors } = await checker().check(large(20_000), 'json', catalogue, 'ann');
    const { user, system } = process.cpuUsage(before);
    expect(errors).toEqual([]);
    expect(plan?.tasks).toHaveLength(20_000);
    expect((user + system) / 1e6).toBeLessThan(5);
  });

  it('refuses checks after it was closed, and answers those under way', async () => {
    const one = checker({ inlineCharacters: 0 });
    const underWay = one.check(large(50_000), 'json', catalogue, 'ann');
    const queued = one.check(sample, 'json', catalogue, 'ann');
    await one.close();
    expect((await underWay).errors[0]?.message).toContain('stopping');
    expect((await queued).errors[0]?.message).toContain('stopping');
    await expect(one.check(sample, 'json', catalogue, 'ann')).rejects.toThrow('closed');
  });
});
