import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactTable } from '../../db/artifacts';
import { artifactFiles } from '../../platform/artifact-files';
import { MailCatcher } from '../processors/mail-catcher';
import { dataFolder } from '../processors/workbench';
import { RunStage } from '../runs/run-stage';
import { S3Server } from './stores';

let s3: S3Server;
let mail: MailCatcher;
let stage: RunStage;
let cache: string;
beforeAll(async () => {
  [s3, mail] = await Promise.all([S3Server.start(), MailCatcher.listen()]);
  const settings = await s3.settings();
  cache = settings['DATAMCP_ARTIFACTS_CACHE_DIR'] ?? '';
  stage = await RunStage.open({ ...settings, SMTP_URL: mail.url, DATAMCP_DATA_DIRS: dataFolder });
});
afterAll(async () => {
  await stage.close();
  await Promise.all([mail.close(), s3.close()]);
});

test('a pipeline saves, validates, renders and mails real data over a bucket, and leaves no file of its own behind', async () => {
  const run = await stage.run(`
name: on-a-bucket
tasks:
  - id: extract
    uses: duckdb.query
    with: { from: { airports: airports.csv }, sql: "select iata, state from airports order by iata", save: airports.parquet }
  - id: check
    needs: [extract]
    uses: data.validate
    with:
      from: "\${{ tasks.extract.output.artifact }}"
      rules: [ { column: iata, notNull: true }, { column: iata, unique: true } ]
  - id: count
    needs: [extract]
    uses: duckdb.query
    with: { from: { airports: "\${{ tasks.extract.output.artifact }}" }, sql: "select count(*) as airports from airports", save: count.csv }
  - id: mail
    needs: [check, count]
    uses: email.send
    with:
      to: someone@example.org
      subject: Airports
      text: attached
      attachments: ["\${{ tasks.count.output.artifact }}", "\${{ tasks.check.output.report }}"]
outputs:
  rows: "\${{ tasks.check.output.rowCount }}"
`);
  expect(run).toMatchObject({ status: 'succeeded', outputs: { rows: 3376 } });
  const attachments = (mail.mails[0]?.mail.attachments ?? []).map(({ filename, content }) => [filename, Buffer.from(content as ArrayBuffer).toString('utf8')]);
  expect(attachments).toEqual([['count.csv', 'airports\n3376\n'], ['validation.json', expect.stringContaining('"rowCount": 3376')]]);
  const stored = await new ArtifactTable(stage.database.pool).listByRun(run.id);
  expect(stored.map(({ name }) => name).sort()).toEqual(['airports.parquet', 'count.csv', 'validation.json']);
  const objects = (await readdir(s3.directory, { recursive: true })).join('\n');
  for (const { sha256 } of stored) expect(objects).toContain(sha256);
  expect(await readdir(join(cache, 'work'))).toEqual([]);
});

test('an artifact that vanished from the bucket fails its reader for good, with what to do', async () => {
  const plan = await stage.apply(`
name: vanished
tasks:
  - id: extract
    uses: duckdb.query
    with: { sql: "select 42 as answer", save: answer.csv }
  - id: pause
    needs: [extract]
    uses: core.sleep
    with: { milliseconds: 1500 }
  - id: read
    needs: [pause]
    uses: email.send
    with: { to: someone@example.org, subject: x, text: x, attachments: ["\${{ tasks.extract.output.artifact }}"] }
`);
  const id = await stage.start(plan);
  await stage.untilTask(id, 'extract', 'succeeded');
  const [artifact] = await new ArtifactTable(stage.database.pool).listByRun(id);
  // As somebody with the bucket's console would.
  await artifactFiles(stage.config).contents.remove(artifact?.sha256 ?? 'none');
  expect(await stage.final(id)).toMatchObject({ status: 'failed' });
  const read = (await stage.tasks(id)).find(({ task }) => task === 'read');
  expect(read).toMatchObject({ attempt: 1, error: { code: 'not_found', message: expect.stringContaining('rerun the task') } });
});
