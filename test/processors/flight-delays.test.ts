import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinCatalogue } from '../../activities/processors';
import type { Json, JsonObject } from '../../domain/json';
import { checkDefinition } from '../../domain/pipeline/definition';
import { evaluateTemplate, type TaskScope } from '../../domain/pipeline/expressions';
import type { Plan } from '../../domain/pipeline/plan';
import { MailCatcher } from './mail-catcher';
import { Workbench } from './workbench';

const example = readFileSync(join(__dirname, '../../examples/flight-delays.yaml'), 'utf8');
const catalogue = new Map(builtinCatalogue.map((entry) => [entry.name, entry]));

let bench: Workbench;
let catcher: MailCatcher;
beforeAll(async () => {
  catcher = await MailCatcher.listen();
  bench = await Workbench.create({ SMTP_URL: catcher.url });
});
afterAll(async () => { await Promise.all([bench.close(), catcher.close()]); });

function examplePlan(): Plan {
  const { plan, errors } = checkDefinition(example, 'yaml', catalogue);
  if (plan === null) throw new Error(JSON.stringify(errors));
  return plan;
}

/** Carries out the tasks, except the sign-off, one after the other in the order of the file, which is one that their needs allow. */
async function carryOut(month: string): Promise<Record<string, TaskScope>> {
  const run = randomUUID();
  const inputs: JsonObject = { month, min_delay: -120, airports: 20, publish: true, recipient: 'flight-team@example.org' };
  const tasks: Record<string, TaskScope> = {};
  for (const task of examplePlan().tasks.filter(({ uses }) => uses !== 'approval')) {
    const one = async (scope: object, instance: number | null): Promise<Json> =>
      (await bench.run(task.uses, evaluateTemplate(task.with ?? {}, { inputs, tasks, ...scope }), { run, task: task.id, instance })).output as JsonObject;
    const { forEach } = task;
    const items = forEach ? evaluateTemplate(forEach.in, { inputs, tasks }) as Json[] : [];
    const output = forEach ? await Promise.all(items.map((item, index) => one({ [forEach.as]: item }, index))) : await one({}, null);
    tasks[task.id] = { output, status: 'succeeded', error: null };
  }
  return tasks;
}

describe('the tasks of flight-delays', () => {
  it('report January: 20 airports in the table, a report with two charts, one mail', async () => {
    const tasks = await carryOut('2001-01');
    expect(tasks['check']?.output).toMatchObject({ passed: 6, warnings: [{ name: 'no flight twice', broken: 35 }] });
    expect(tasks['load']?.output).toEqual({ table: 'airport_delays', rows: 20 });
    const { rows } = await bench.database.pool.query<{ airport: string; flights: number }>('select airport, flights from airport_delays order by flights desc');
    expect(rows).toHaveLength(20);
    expect(rows[0]?.flights).toBeGreaterThan(10_000);
    const html = await bench.read((tasks['report']?.output as JsonObject)['artifact']);
    expect(html.match(/<svg /g)).toHaveLength(2);
    expect(html.match(/<tr><td>/g)).toHaveLength(20);
    expect(catcher.mails).toHaveLength(1);
    expect(catcher.mails[0]?.mail).toMatchObject({ subject: 'Flight delays, 2001-01', attachments: [{ filename: 'flight-delays-2001-01.html' }] });
  });

  it('refuse February, because of three impossible delays', async () => {
    await expect(carryOut('2001-02')).rejects.toMatchObject({ code: 'validation_failed', message: '1 of 7 rules are broken: possible delay (3 rows)' });
  });
});
