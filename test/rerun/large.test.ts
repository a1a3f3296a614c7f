import { ProcessStage } from '../faults/process-stage';

jest.setTimeout(180_000);

let stage: ProcessStage;
beforeAll(async () => {
  stage = await ProcessStage.open();
  await stage.startApi();
});
afterAll(() => stage.close());

const half = 1_000;
const range = Array.from({ length: half }, (_, index) => index);
/** A thousand tasks, a gate that is closed at first, and a thousand that read what the first ones gave. */
const definition = {
  name: 'rerun-large',
  inputs: { open: { type: 'boolean', default: false } },
  tasks: [
    ...range.map((index) => ({ id: `early_task_number_${index}`, uses: 'core.set', with: { number: index } })),
    { id: 'gate', needs: ['early_task_number_0'], uses: 'core.assert', with: { that: '${{ inputs.open }}', message: 'closed' } },
    ...range.map((index) => ({
      id: `late_task_number_${index}`, needs: ['gate', `early_task_number_${index}`],
      ...(index % 2 === 0
        ? { uses: 'core.set', with: { double: `\${{ 2 * tasks.early_task_number_${index}.output.number }}` } }
        : { uses: 'core.sleep', with: { milliseconds: 1 } }),
    })),
  ],
};

async function rerun(id: string, body: object): Promise<string> {
  const { status, body: run } = await stage.call('POST', `/v1/runs/${id}/rerun`, body);
  expect([status, run['rerunOf']]).toEqual([202, id]);
  return String(run['id']);
}

const origins = async (id: string): Promise<Record<string, number>> => {
  const { rows } = await stage.pool.query<{ origin: string; count: number }>(
    'select coalesce(reused_from, run_id) as origin, count(*) from run_tasks where run_id = $1 and status = $2 group by 1', [id, 'succeeded']);
  return Object.fromEntries(rows.map(({ origin, count }) => [origin, count]));
};

test('a rerun of 2,001 tasks, whose worker is killed in the middle, carries out the half that is missing, and each task once', async () => {
  const victim = await stage.startWorker();
  await stage.apply(definition);
  const first = await stage.startRun('rerun-large');
  expect(await stage.ended(first)).toBe('failed');
  expect(await origins(first)).toEqual({ [first]: half });

  const second = await rerun(first, { from: 'failed', inputs: { open: true } });
  await stage.progressed(second, half + 300);
  await stage.kill(victim);
  await stage.startWorker();
  expect(await stage.ended(second, 90_000)).toBe('succeeded');
  expect(await origins(second)).toEqual({ [first]: half, [second]: half + 1 });
  const events = await stage.finalEvents(second);
  expect([new Set(events).size, events.length]).toEqual([half + 2, half + 2]);
  expect(events.filter((event) => event.startsWith('early'))).toEqual([]);
  const { rows: [wrong] } = await stage.pool.query<{ count: number }>(
    `select count(*) from run_tasks where run_id = $1 and task like 'late%' and output is not null
       and (output ->> 'double')::int is distinct from 2 * substring(task from '\\d+$')::int and output ->> 'double' is not null`, [second]);
  expect(wrong).toEqual({ count: 0 });

  const third = await rerun(second, { from: ['late_task_number_7'] });
  expect(await stage.ended(third)).toBe('succeeded');
  expect(await origins(third)).toEqual({ [first]: half, [second]: half, [third]: 1 });
  const { body } = await stage.call('GET', `/v1/runs/${third}/diff?with=${second}`);
  expect(body).toMatchObject({ inputs: [], definition: { fields: [], tasks: [] }, truncated: false });
});

test('the start arguments of a rerun stay small, and hold no results', async () => {
  const { rows: [run] } = await stage.pool.query<{ reused: string; from: string }>(
    `select reused::text as reused, rerun_of as from from runs where reused is not null order by id limit 1`);
  expect(JSON.parse(run?.reused ?? '{}')).toEqual({ from: run?.from, marks: `s${half}r${half + 1}` });
});
