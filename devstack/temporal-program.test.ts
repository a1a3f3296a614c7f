import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { temporalProgram } from './temporal-program';
import type { TemporalSource } from './temporal-sources';

const broken = (name: string, reason: string): TemporalSource => ({ name, fetch: () => Promise.reject(new Error(reason)) });
const working = (content: string): TemporalSource => ({
  name: 'from a shelf',
  async fetch(folder) {
    writeFileSync(join(folder, 'temporal'), content);
    return join(folder, 'temporal');
  },
});

describe('the Temporal program', () => {
  let folder: string;
  const lines: string[] = [];
  const report = (line: string): void => { lines.push(line); };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'temporal-program-'));
    lines.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const places = (sources: TemporalSource[]) => ({ path: join(folder, 'bin'), caches: [join(folder, 'cache')], sources });

  it('is the one on PATH where there is one', async () => {
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', 'temporal'), '');
    chmodSync(join(folder, 'bin', 'temporal'), 0o755);
    expect(await temporalProgram(report, places([]))).toEqual({ file: join(folder, 'bin', 'temporal'), origin: 'on your PATH' });
  });

  it('is fetched once from the first source that has it, and is then in the cache', async () => {
    const first = await temporalProgram(report, places([broken('from nowhere', 'no answer'), working('program')]));
    expect(first.origin).toBe('from a shelf');
    expect(readFileSync(first.file, 'utf8')).toBe('program');
    expect(lines).toEqual(['Fetching the Temporal server from nowhere …', 'Fetching the Temporal server from a shelf …']);
    expect(await temporalProgram(report, places([]))).toEqual({ file: first.file, origin: 'in the cache' });
  });

  it('is whole at every moment when two clones fetch it at once, and nothing half made stays', async () => {
    const programs = await Promise.all(['a', 'b', 'c'].map((content) => temporalProgram(report, places([working(content.repeat(1e6))]))));
    const [file] = programs.map((program) => program.file);
    if (!file) throw new Error('no program');
    expect(readFileSync(file, 'utf8')).toMatch(/^(a{1000000}|b{1000000}|c{1000000})$/);
    expect(readdirSync(dirname(file))).toEqual(['temporal']);
  });

  it('names everything that was tried and what to do when no source has it', async () => {
    await expect(temporalProgram(report, places([broken('from nowhere', 'no answer'), broken('with luck', 'none here')]))).rejects.toThrow(
      /from nowhere: no answer[^]*with luck: none here[^]*What you can do: install the Temporal CLI[^]*TEMPORAL_ADDRESS/,
    );
  });

  it('is kept elsewhere when the home folder cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    const program = await temporalProgram(report, { ...places([working('program')]), caches: [join(folder, 'file', 'cache'), join(folder, 'second')] });
    expect(program.file.startsWith(join(folder, 'second'))).toBe(true);
  });
});
