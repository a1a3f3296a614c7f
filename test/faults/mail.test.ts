import { randomBytes } from 'node:crypto';
import { MoodyMailServer } from '../chaos/mail-server';
import { ProcessStage } from './process-stage';

jest.setTimeout(90_000);

let stage: ProcessStage;
let mail: MoodyMailServer;
beforeAll(async () => {
  mail = await MoodyMailServer.away();
  await mail.open();
  stage = await ProcessStage.open({
    SMTP_URL: `smtp://127.0.0.1:${mail.port}`, DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64'), DATAMCP_API_URL: 'https://datamcp.example',
  });
  await stage.startApi();
});
afterAll(async () => {
  await stage.close();
  await mail.close();
});

const person = async (name: string, email: string, roles: string[]): Promise<Record<string, string>> => {
  const { body } = await stage.call('POST', '/v1/keys', { subject: { type: 'user', name, email }, roles });
  return { authorization: `Bearer ${String(body['key'])}` };
};
const takenBy = (recipient: string): string[] => mail.taken.filter((one) => one.recipient === recipient).map(({ messageId }) => messageId);
const noticesLeft = (): Promise<number> => stage.pool.query<{ count: number }>('select count(*) from approval_notices where due_at is not null').then(({ rows }) => rows[0]?.count ?? 0);

test('workers that are killed while a step waits for its approval, and between vote and mail, ask once and send nothing twice', async () => {
  const first = await stage.startWorker();
  const rita = await person('rita', 'silent.rita@example.org', ['trigger']);
  const ann = await person('ann', 'ann@example.org', ['approver']);
  await stage.apply('name: asking\ntasks: [ { id: go, uses: approval, with: { title: "Go?", policy: { approvers: { users: [ann] } } } } ]');
  const run = await stage.startRun('asking', rita);
  await stage.until(20_000, 'ann was not asked', async () => takenBy('ann@example.org')[0]);
  await stage.until(20_000, 'the mail was not ticked off', async () => (await noticesLeft() === 0 ? true : undefined));
  await stage.kill(first);
  const second = await stage.startWorker();
  const { rows } = await stage.pool.query<{ id: string }>('select id from approvals where run_id = $1', [run]);
  expect(rows).toHaveLength(1);
  expect((await stage.call('POST', `/v1/approvals/${rows[0]?.id}/decisions`, { decision: 'approve' }, ann)).status).toBe(200);
  // The server has heard of the mail to rita, and does not answer: its worker dies waiting.
  await stage.until(20_000, 'the mail was not tried', async () => (mail.triesOf('silent.rita@example.org') === 1 && await noticesLeft() === 1 ? true : undefined));
  await stage.kill(second);
  await stage.startWorker();
  await stage.pool.query('update approval_notices set due_at = now() where due_at is not null');
  await stage.until(20_000, 'the mail was not sent', async () => (await noticesLeft() === 0 ? true : undefined));
  expect(takenBy('silent.rita@example.org')).toHaveLength(1);
  expect(new Set(takenBy('ann@example.org')).size).toBe(2);
  expect(takenBy('ann@example.org')).toHaveLength(2);
  expect(await stage.ended(run)).toBe('succeeded');
});
