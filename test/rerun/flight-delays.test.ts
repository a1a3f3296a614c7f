import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactView, RunDiffView, RunWithTasks } from '../../cli/wire';
import { CliStage } from '../cli/cli-stage';
import { dataFolder } from '../processors/workbench';

jest.setTimeout(90_000);

let stage: CliStage;
beforeAll(async () => {
  stage = await CliStage.open({ DATAMCP_DATA_DIRS: dataFolder });
  stage.write('flight-delays.yaml', readFileSync(join(__dirname, '../../examples/flight-delays.yaml'), 'utf8'));
});
afterAll(() => stage.close());

const start = (...more: string[]) => stage.json<RunWithTasks>('run', 'flight-delays.yaml', '--wait', '--input', 'publish=false', ...more);
const artifactsOf = async (id: string): Promise<ArtifactView[]> => (await stage.json<{ items: ArtifactView[] }>('runs', 'artifacts', id)).document.items;

test('February fails, is rerun with a wider rule, and reads its 490,000 flights no second time', async () => {
  const failed = await start('--input', 'month=2001-02');
  expect([failed.code, failed.document.error]).toEqual([1, expect.objectContaining({ message: 'check: 1 of 7 rules are broken: possible delay (3 rows)' })]);

  const again = await stage.json<RunWithTasks>('runs', 'rerun', '@last', '--input', 'min_delay=-1200', '--wait');
  expect(again).toMatchObject({ code: 0, document: { status: 'succeeded', rerunOf: failed.document.id, inputs: { month: '2001-02', min_delay: -1200 } } });
  const tasks = Object.fromEntries(again.document.tasks.map((task) => [task.id, task]));
  expect(tasks).toMatchObject({ extract: { status: 'succeeded', reusedFrom: failed.document.id }, check: { status: 'succeeded', reusedFrom: null }, report: { status: 'succeeded', reusedFrom: null } });

  // The file is the old one, and is found through the new run; nothing was copied.
  const [before, after] = [await artifactsOf(failed.document.id), await artifactsOf(again.document.id)];
  const flights = before.find(({ name }) => name === 'flights.parquet');
  expect(after).toContainEqual({ ...flights, reusedFrom: failed.document.id });
  expect(after.filter(({ reusedFrom }) => reusedFrom === null).map(({ task }) => task)).toEqual(expect.arrayContaining(['check', 'by_hour', 'report']));
  expect((await stage.api.fetch('GET', flights?.href ?? '')).status).toBe(200);

  const { document: diff } = await stage.json<RunDiffView>('runs', 'diff', again.document.id);
  expect(diff).toMatchObject({
    left: { id: failed.document.id, status: 'failed' }, right: { id: again.document.id, status: 'succeeded' },
    inputs: [{ name: 'min_delay', left: -120, right: -1200 }], definition: { fields: [], tasks: [] },
  });
  const changed = Object.fromEntries(diff.tasks.map((task) => [task.id, task]));
  expect(changed['extract']).toBeUndefined();
  expect(changed['check']).toMatchObject({ differs: expect.arrayContaining(['status', 'output', 'artifacts']), left: { status: 'failed' }, right: { status: 'succeeded' } });
  const lines = (await stage.run(['runs', 'diff', '@last'])).stdout;
  expect(lines).toMatch(/^ {2}min_delay: -120 → -1200$/m);
  expect(lines).toMatch(/^ {2}check +failed → succeeded/m);
});

test('a wider rule in a new version does the same', async () => {
  const failed = await start('--input', 'month=2001-02');
  stage.write('wider.yaml', readFileSync(join(stage.folder, 'flight-delays.yaml'), 'utf8').replace('default: -120,', 'default: -1200,'));
  expect((await stage.run(['apply', 'wider.yaml'])).code).toBe(0);
  const again = await stage.json<RunWithTasks>('runs', 'rerun', failed.document.id, '--version', '2', '--wait');
  expect(again).toMatchObject({ code: 0, document: { status: 'succeeded', version: 2, inputs: { min_delay: -1200 } } });
  expect(again.document.tasks.find(({ id }) => id === 'extract')).toMatchObject({ reusedFrom: failed.document.id });
  const { document: diff } = await stage.json<RunDiffView>('runs', 'diff', failed.document.id, '@last');
  const [left, right] = [{ default: -120 }, { default: -1200 }].map((part) => expect.objectContaining(part));
  expect(diff.definition).toEqual({ fields: [{ name: 'inputs.min_delay', left, right }], tasks: [] });
  expect((await stage.run(['runs', 'diff', failed.document.id, '@last'])).stdout).toMatch(/^ {2}~ inputs\.min_delay: .*-120\b.* → .*-1200\b/m);
});

test('runs of two pipelines are not compared, nor one that is no rerun with nothing', async () => {
  stage.write('one.yaml', 'name: one\ntasks: [{ id: a, uses: core.noop }]\n');
  const { document: one } = await stage.json<RunWithTasks>('run', 'one.yaml', '--wait');
  const { document: { items: [other] } } = await stage.json<{ items: RunWithTasks[] }>('runs', 'list', '--pipeline', 'flight-delays', '--limit', '1');
  const refused = await stage.run(['runs', 'diff', one.id, other?.id ?? '']);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('One is a run of one, the other of flight-delays')]);
  expect(await stage.run(['runs', 'diff', one.id])).toMatchObject({ code: 2, stderr: expect.stringContaining('is no rerun: name the run to compare it with') });
  const same = await stage.run(['runs', 'diff', one.id, one.id]);
  expect([same.code, same.stdout]).toEqual([0, expect.stringContaining('nothing differs')]);
});
