import { randomUUID } from 'node:crypto';
import { MailCatcher } from './mail-catcher';
import { Workbench, abortAfter } from './workbench';
import { containing } from './text-matchers';

let bench: Workbench;
let catcher: MailCatcher;
beforeAll(async () => {
  catcher = await MailCatcher.listen();
  bench = await Workbench.create({ SMTP_URL: catcher.url, DATAMCP_MAIL_FROM: 'Reports <reports@example.org>' });
});
afterAll(async () => { await Promise.all([bench.close(), catcher.close()]); });
beforeEach(() => { catcher.mails.length = 0; });

const send = (more: Record<string, unknown>, attempt = {}) => bench.run('email.send', { to: 'ann@example.org', subject: 'Delays', text: 'late', ...more }, attempt);

describe('email.send', () => {
  it('sends text and HTML to all recipients, from the sender that the operator has set', async () => {
    const { output } = await send({ to: ['Ann <ann@example.org>', 'bob@example.org'], cc: 'carl@example.org', bcc: 'dora@example.org', html: '<b>late ✈</b>', subject: 'Delays ✈' });
    expect(output).toMatchObject({ accepted: ['ann@example.org', 'bob@example.org', 'carl@example.org', 'dora@example.org'], rejected: [] });
    const [caught] = catcher.mails;
    expect(caught?.mail).toMatchObject({ subject: 'Delays ✈', from: { name: 'Reports', address: 'reports@example.org' }, to: [{ name: 'Ann' }, {}], cc: [{}] });
    expect(caught?.mail.html).toContain('<b>late ✈</b>');
    expect(caught?.mail.headers.map(({ key }) => key)).not.toContain('bcc');
    expect(caught?.recipients).toHaveLength(4);
  });

  it('takes its HTML and its attachments from artifacts', async () => {
    const htmlFrom = await bench.save('report.html', 'text/html', '<h1>Report</h1>');
    const rows = await bench.save('rows.csv', 'text/csv', 'a\n1\n');
    await send({ htmlFrom, attachments: [rows] });
    const mail = catcher.mails[0]?.mail;
    expect(mail?.html).toContain('<h1>Report</h1>');
    expect(mail?.attachments).toMatchObject([{ filename: 'rows.csv', mimeType: 'text/csv' }]);
    expect(Buffer.from(mail?.attachments[0]?.content as ArrayBuffer).toString()).toBe('a\n1\n');
  });

  it('fills templates with data, and keeps values in HTML from becoming markup', async () => {
    const template = await bench.save('mail.html', 'text/html', '<ul>{{#routes}}<li>{{name}}: {{delay}}</li>{{/routes}}</ul>');
    await send({
      subject: 'Delays of {{month}}', text: 'Worst: {{routes}}', htmlFrom: template,
      data: { month: '2001-01', routes: [{ name: 'A <-> B', delay: 1.5 }] },
    });
    const mail = catcher.mails[0]?.mail;
    expect(mail).toMatchObject({ subject: 'Delays of 2001-01' });
    expect(mail?.text?.trim()).toBe('Worst: [{"name":"A <-> B","delay":1.5}]');
    expect(mail?.html?.trim()).toBe('<ul><li>A &lt;-&gt; B: 1.5</li></ul>');
  });

  it('takes braces as they are where there is no data', async () => {
    await send({ text: '{{month}}' });
    expect(catcher.mails[0]?.mail.text?.trim()).toBe('{{month}}');
  });

  it.each([
    [{ subject: '{{month}}', data: { month: 'x\r\nBcc: eve@example.org' } }, 'one line'], [{ text: '{{a}} {{b}}', data: { a: 1 } }, 'does not have: b'],
    [{ html: '{{#a}}', data: { a: 1 } }, 'does not close'],
  ])('sends nothing when a template cannot be filled: %j', async (more, message) => {
    await expect(send(more)).rejects.toMatchObject({ code: 'input_invalid', retryable: false, message: containing(message) });
    expect(catcher.mails).toEqual([]);
  });

  it('bears the same Message-ID in every attempt, and another one in another task', async () => {
    const task = { run: randomUUID() };
    const first = await send({}, { ...task, attempt: 1 });
    const second = await send({}, { ...task, attempt: 2 });
    const other = await send({}, { ...task, task: 'other' });
    expect(second.output['messageId']).toBe(first.output['messageId']);
    expect(other.output['messageId']).not.toBe(first.output['messageId']);
    expect(catcher.mails.map(({ mail }) => mail.messageId)).toEqual([first, second, other].map(({ output }) => output['messageId']));
  });

  it('tries again after a 4xx and gives up after a 5xx', async () => {
    await expect(send({ to: 'later@example.org' })).rejects.toMatchObject({ code: 'mail_failed', retryable: true, details: { status: 451 } });
    await expect(send({ to: 'never@example.org' })).rejects.toMatchObject({ code: 'mail_rejected', retryable: false, details: { status: 550 } });
  });

  it('says which of several recipients were refused', async () => {
    const { output, log } = await send({ to: ['ann@example.org', 'never@example.org'] });
    expect(output).toMatchObject({ accepted: ['ann@example.org'], rejected: ['never@example.org'] });
    expect(log).toMatchObject([{ level: 'warn' }]);
  });

  it.each([
    ['subject', 'x\r\nBcc: eve@example.org'], ['to', 'ann@example.org\nBcc: eve@example.org'], ['from', 'a@example.org\r\nX: y'], ['replyTo', 'a@example.org\rX: y'],
  ])('refuses a line break in `%s`, which would add headers', async (field, value) => {
    await expect(send({ [field]: value })).rejects.toThrow('a header takes one line');
    expect(catcher.mails).toEqual([]);
  });

  it.each(['ann@example.org, eve@example.org', 'nobody', 'Team: ann@example.org;', '@example.org'])('refuses %s, which is not one address', async (to) => {
    await expect(send({ to })).rejects.toMatchObject({ code: 'input_invalid', retryable: false });
    expect(catcher.mails).toEqual([]);
  });

  it('says what is missing when there is no mail server, and tries again when it cannot be reached', async () => {
    const [none, gone] = await Promise.all([Workbench.create(), Workbench.create({ SMTP_URL: 'smtp://127.0.0.1:1' })]);
    await expect(none.run('email.send', { to: 'a@example.org', subject: 's' })).rejects.toMatchObject({ code: 'connection_unknown', message: containing('SMTP_URL') });
    await expect(gone.run('email.send', { to: 'a@example.org', subject: 's' })).rejects.toMatchObject({ code: 'mail_failed', retryable: true });
    await Promise.all([none.close(), gone.close()]);
  });

  it('hangs up within a second when it is told to stop', async () => {
    const { signal, reason } = abortAfter(300);
    const started = Date.now();
    await expect(send({ to: 'slow@example.org' }, { signal })).rejects.toBe(reason);
    expect(Date.now() - started).toBeLessThan(1_300);
  });
});
