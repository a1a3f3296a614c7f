import { eventually } from '../../devstack/processes';
import { admittedSignal } from '../../workflows/pipeline/contract';
import { StepStage } from './step-stage';

jest.setTimeout(60_000);

let stage: StepStage;
beforeAll(async () => {
  stage = await StepStage.open();
  await stage.addPerson('ann', ['data-owner']);
  await stage.addPerson('bob', ['second-owner']);
});
afterAll(() => stage.close());

const policy = '{ approvers: { roles: [data-owner] } }';
const signOff = (name: string, more = ''): string => `
name: ${name}
tasks:
  - { id: sign_off, uses: approval, with: { title: "Publish?", policy: ${policy}${more} } }
  - { id: publish, needs: [sign_off], uses: core.set, with: { by: "\${{ tasks.sign_off.output.by }}" } }
`;

test('a run waits for a decision on what a task made, says so everywhere, and goes on with who decided, when and how', async () => {
  const run = await stage.start(`
name: publishes
inputs: { month: { type: string, default: May } }
tasks:
  - { id: report, uses: duckdb.query, with: { sql: "select 1 as one", save: report.csv } }
  - id: sign_off
    needs: [report]
    uses: approval
    with:
      title: Publish \${{ inputs.month }}?
      evidence: [ { title: Report, artifact: "\${{ tasks.report.output.artifact }}" } ]
      form: { type: object, properties: { limit: { type: integer, minimum: 1 } }, required: [limit] }
      policy: ${policy}
      deadline: 2d
  - { id: publish, needs: [sign_off], if: "tasks.sign_off.output.decision == 'approved'", uses: core.set, with: { limit: "\${{ tasks.sign_off.output.form.limit }}", by: "\${{ tasks.sign_off.output.by }}" } }
outputs: { published: "\${{ tasks.publish.output }}" }
`);
  const request = await stage.asked(run);
  expect(request).toMatchObject({ title: 'Publish May?', requester: 'admin', status: 'open', run, task: 'sign_off', instance: null, workflowId: `approval/${run}/sign_off/-/0` });
  const waiting = await stage.untilTask(run, 'sign_off', ({ waitingFor }) => waitingFor === request.standing);
  expect(waiting).toMatchObject({ status: 'waiting', output: null });
  expect(request.standing).toMatch(/^0 of 1; waiting for data-owner until \w+day \d\d:\d\d UTC$/);
  expect(await stage.run(run)).toMatchObject({ status: 'waiting', progress: { waiting: 1, succeeded: 1, pending: 1 } });

  const why = await stage.explain(run, 'sign_off');
  expect(why).toEqual({
    kind: 'approval', since: waiting.startedAt, sentence: `sign_off waits for a decision on "Publish May?": ${request.standing}.`,
    next: `Decide or answer it: ${stage.cli.api.deps.config.DATAMCP_API_URL ?? 'http://127.0.0.1:0'}/review/${request.id}, or datamcp approvals show ${request.id}`,
    details: {
      task: 'sign_off', title: 'Publish May?', workflowId: request.workflowId,
      request: { id: request.id, standing: request.standing, waitingFor: ['ann'], until: request.deadline, link: expect.stringContaining(request.id) },
    },
  });
  expect(await stage.explain(run)).toEqual(why);
  expect((await stage.cli.run(['runs', 'show', run])).stdout).toContain(why.sentence);
  expect(await stage.details((await stage.run(run)).workflowId)).toContain('sign_off waits for a decision on "Publish May?".');
  expect(await stage.details(request.workflowId)).toContain(request.standing);
  expect(await stage.cli.run(['run', 'publishes', '--wait', '--until-decision'])).toMatchObject({ code: 4, stderr: expect.stringContaining('A decision is awaited') });

  await stage.decide(request.id, 'ann', 'approve', { comment: 'looks right', form: { limit: 5 } });
  expect(await stage.final(run)).toMatchObject({ status: 'succeeded', outputs: { published: { limit: 5, by: 'ann' } } });
  const time = expect.stringMatching(/Z$/);
  expect((await stage.tasks(run))['sign_off']).toMatchObject({
    status: 'succeeded',
    output: {
      decision: 'approved', by: 'ann', at: time, comment: 'looks right', form: { limit: 5 }, evidenceHash: request.evidenceHash, id: request.id,
      votes: [{ person: 'ann', choice: 'approve', stage: 0, at: time }],
    },
  });
});

test('rejection and expiry fail their steps, or are their output', async () => {
  const ask = (id: string, more: string): string => `  - { id: ${id}, uses: approval, continueOnError: true, with: { title: "${id}?", policy: ${policy}, ${more} } }`;
  const run = await stage.start(`
name: outcomes
tasks:
${ask('rejected', 'onReject: fail')}
${ask('rejected_on', 'onReject: continue')}
${ask('expired', 'deadline: 1s')}
${ask('expired_on', 'deadline: 1s, onReject: continue')}
${ask('withdrawn', 'onReject: continue')}
${ask('wrong', `onReject: "\${{ 'contine' }}"`)}
  - { id: nobody, uses: approval, continueOnError: true, with: { title: Who?, policy: { approvers: { users: [nobody] } } } }
  - { id: strange, uses: approval, continueOnError: true, with: { title: "\${{ '' }}", policy: ${policy} } }
  - { id: after, needs: [rejected_on, expired_on], uses: core.set, with: { said: "\${{ tasks.rejected_on.output.decision }} \${{ tasks.expired_on.output.decision }}", why: "\${{ tasks.rejected_on.output.comment }}" } }
`);
  for (const task of ['rejected', 'rejected_on']) await stage.decide((await stage.asked(run, task)).id, 'ann', 'reject', { comment: 'too early' });
  await stage.call('POST', `/v1/approvals/${(await stage.asked(run, 'withdrawn')).id}/withdraw`, { comment: 'no need' });
  expect(await stage.final(run)).toMatchObject({ status: 'succeeded' });
  const tasks = await stage.tasks(run);
  expect(tasks['after']?.output).toEqual({ said: 'rejected expired', why: 'too early' });
  expect(tasks['expired_on']?.output).toMatchObject({ decision: 'expired', by: null, votes: [] });
  const errorOf = (task: string) => tasks[task]?.error;
  expect(errorOf('rejected')).toMatchObject({ code: 'approval_rejected', message: 'Rejected by ann: too early' });
  expect(errorOf('expired')).toMatchObject({ code: 'approval_expired', message: 'Nobody decided before the deadline' });
  expect(errorOf('withdrawn')).toMatchObject({ code: 'approval_withdrawn', message: 'Withdrawn by admin: no need' });
  expect(errorOf('wrong')).toMatchObject({ code: 'input_invalid', message: 'onReject must be fail or continue' });
  expect(errorOf('nobody')).toMatchObject({ code: 'input_invalid', message: expect.stringContaining('nobody called "nobody" has a key') });
  expect(errorOf('strange')).toMatchObject({ code: 'input_invalid', message: expect.stringContaining('/title') });
});

test('each instance of a forEach asks for itself, and their list is in the order of the items', async () => {
  const run = await stage.start(`
name: each-team
tasks:
  - id: sign_off
    uses: approval
    forEach: { in: [data-owner, second-owner], as: team }
    with: { title: "Go, \${{ team }}?", policy: { approvers: { roles: ["\${{ team }}"] } } }
outputs: { by: "\${{ tasks.sign_off.output.map(one, one.by) }}" }
`);
  const [first, second] = [await stage.asked(run, 'sign_off', 0), await stage.asked(run, 'sign_off', 1)];
  expect([first.title, second.title, second.workflowId]).toEqual(['Go, data-owner?', 'Go, second-owner?', `approval/${run}/sign_off/1/0`]);
  await stage.decide(second.id, 'bob', 'approve');
  const instances = async () => (await stage.call<{ instances: { items: object[] } }>('GET', `/v1/runs/${run}/tasks/sign_off`)).instances.items;
  expect(await eventually(async () => (JSON.stringify(await instances()).includes('"decision":"approved"') ? instances() : undefined), 10_000))
    .toMatchObject([{ instance: 0, status: 'waiting', waitingFor: first.standing }, { instance: 1, status: 'succeeded', output: { by: 'bob' } }]);
  await stage.decide(first.id, 'ann', 'approve');
  expect(await stage.final(run)).toMatchObject({ status: 'succeeded', outputs: { by: ['ann', 'bob'] } });
});

test('a cancel withdraws what is asked for, and so does the end of the task alone', async () => {
  const [whole, alone] = [await stage.start(signOff('cancelled')), await stage.start(signOff('cancelled'))];
  const [first, second] = [await stage.asked(whole), await stage.asked(alone)];
  await stage.call('POST', `/v1/runs/${whole}/cancel`, {});
  await stage.call('POST', `/v1/runs/${alone}/tasks/sign_off/cancel`, {});
  expect(await stage.final(whole)).toMatchObject({ status: 'cancelled' });
  expect(await stage.final(alone)).toMatchObject({ status: 'cancelled' });
  for (const [run, { id }] of [[whole, first], [alone, second]] as const) {
    expect((await stage.tasks(run))['sign_off']).toMatchObject({ status: 'cancelled', error: null, waitingFor: null });
    expect(await stage.call('GET', `/v1/approvals/${id}`)).toMatchObject({ status: 'withdrawn', outcome: { cause: 'withdrawal', by: null } });
  }
});

test('what was terminated in Temporal, or rejected, is asked for anew by a retry; decisions count while the run is paused', async () => {
  const run = await stage.start(signOff('retried').replace('tasks:', 'tasks:\n  - { id: hold, uses: core.wait, with: { duration: 1h } }'));
  const lost = await stage.asked(run);
  await stage.temporal.getHandle(lost.workflowId).terminate('by mistake');
  expect(await stage.untilTask(run, 'sign_off', ({ status }) => status === 'failed')).toMatchObject({ error: { code: 'terminated', message: expect.stringContaining('ended without a decision') } });
  const retry = async () => {
    await stage.call('POST', `/v1/runs/${run}/tasks/sign_off/retry`, {});
    await stage.untilTask(run, 'sign_off', ({ status }) => status === 'waiting');
  };
  await retry();
  const second = await eventually(async () => {
    const found = await stage.asked(run);
    return found.id === lost.id ? undefined : found;
  }, 10_000);
  expect(second?.workflowId).toBe(`approval/${run}/sign_off/-/1`);
  await stage.decide(second?.id ?? '', 'ann', 'reject');
  await stage.untilTask(run, 'sign_off', ({ status }) => status === 'failed');
  await stage.call('POST', `/v1/runs/${run}/pause`, {});
  await stage.call('POST', `/v1/runs/${run}/resume`, {});
  await retry();
  const third = await eventually(async () => {
    const found = await stage.asked(run);
    return found.workflowId.endsWith('/2') ? found : undefined;
  }, 10_000);
  await stage.call('POST', `/v1/runs/${run}/pause`, {});
  await stage.decide(third?.id ?? '', 'ann', 'approve');
  expect(await stage.untilTask(run, 'sign_off', ({ status }) => status === 'succeeded')).toMatchObject({ generation: 2, output: { decision: 'approved' } });
  expect((await stage.tasks(run))['publish']).toMatchObject({ status: 'pending' });
  await stage.call('POST', `/v1/runs/${run}/resume`, {});
  await stage.untilTask(run, 'publish', ({ status }) => status === 'succeeded');
  await stage.call('POST', `/v1/runs/${run}/cancel`, { force: true });
  await stage.final(run);
});

test('a run that continued as new while it waited for more than it carries out itself, and whose worker was gone when the decision came as a signal, goes on', async () => {
  const waits = `  - { id: waits, forEach: { in: ${JSON.stringify(Array(120).fill(0))}, as: item }, uses: core.wait, with: { duration: 1h } }\n`;
  const run = await stage.start(signOff('renewed', ', deadline: 1d') + waits);
  const request = await stage.asked(run);
  const handle = stage.temporal.getHandle((await stage.run(run)).workflowId);
  const { runId } = await handle.describe();
  for (let megabytes = 0; megabytes < 9; megabytes++) await handle.signal(admittedSignal, 'x'.repeat(1_000_000));
  await stage.call('POST', `/v1/runs/${run}/pause`, {});
  await stage.call('POST', `/v1/runs/${run}/resume`, {});
  expect(await eventually(async () => ((await handle.describe()).runId === runId ? undefined : true), 20_000)).toBe(true);
  expect((await stage.explain(run, 'sign_off')).sentence).toContain('sign_off waits for a decision on "Publish?"');
  const { credential } = await stage.call<{ credential: string }>('POST', `/v1/approvals/${request.id}/credential`, {}, stage.keyOf('ann'));
  await stage.cli.stopWorker();
  await stage.temporal.getHandle(request.workflowId).signal('decide', { decision: 'approve', credential });
  await stage.cli.startWorker();
  expect(await stage.untilTask(run, 'publish', ({ status }) => status === 'succeeded')).toMatchObject({ output: { by: 'ann' } });
  expect(await stage.run(run)).toMatchObject({ status: 'waiting', progress: { waiting: 1, succeeded: 2 } });
  await stage.call('POST', `/v1/runs/${run}/cancel`, { force: true });
  expect(await stage.final(run)).toMatchObject({ status: 'cancelled' });
});

describe('a rerun', () => {
  const pipeline = (text: string): string => `
name: reruns
inputs: { wide: { type: boolean, default: false } }
tasks:
  - { id: report, uses: core.set, with: { text: "${text}" } }
  - id: sign_off
    needs: [report]
    uses: approval
    with: { title: "Publish?", evidence: [ { title: Report, text: "\${{ tasks.report.output.text }}" } ], policy: ${policy} }
  - { id: publish, needs: [sign_off], uses: core.assert, with: { that: "\${{ inputs.wide }}", message: too narrow } }
`;
  const rerun = (id: string, body: object, key?: string) => stage.call<{ id: string; tasks: { id: string; verdict: string; because: string | null }[] }>('POST', `/v1/runs/${id}/rerun`, { from: 'failed', ...body }, key);
  const verdictOf = async (id: string, body: object, key?: string) => (await rerun(id, { ...body, dryRun: true }, key)).tasks.find((task) => task.id === 'sign_off');
  let failed: string;
  let evidenceHash: string;

  test('keeps a decision while its evidence is the same, and says so in a dry run', async () => {
    failed = await stage.start(pipeline('all is well'));
    const request = await stage.asked(failed);
    ({ evidenceHash } = request);
    await stage.decide(request.id, 'ann', 'approve');
    expect(await stage.final(failed)).toMatchObject({ status: 'failed' });
    expect(await verdictOf(failed, { inputs: { wide: true } })).toMatchObject({ verdict: 'reuse', because: null });
    const { id } = await rerun(failed, { inputs: { wide: true } });
    expect(await stage.final(id)).toMatchObject({ status: 'succeeded' });
    expect((await stage.tasks(id))['sign_off']).toMatchObject({ reusedFrom: failed, output: { by: 'ann', evidenceHash } });
  });

  test('asks anew when the evidence is made anew, also if it comes out the same', async () => {
    expect(await verdictOf(failed, { from: ['report'] })).toMatchObject({ verdict: 'run', because: 'it is below report' });
    await stage.cli.api.apply(pipeline('all is better'));
    const { id } = await rerun(failed, { version: 2, changed: 'run', inputs: { wide: true } });
    const request = await stage.asked(id);
    expect(request.evidenceHash).not.toBe(evidenceHash);
    await stage.decide(request.id, 'ann', 'reject', { comment: 'too good' });
    expect(await stage.final(id)).toMatchObject({ status: 'failed', error: { code: 'approval_rejected' } });
    const { document } = await stage.cli.json<{ tasks: { id: string; differs: string[] }[] }>('runs', 'diff', id);
    expect(document.tasks.find((task) => task.id === 'sign_off')).toMatchObject({
      differs: expect.arrayContaining(['status', 'output']), left: { output: { decision: 'approved', by: 'ann' } }, right: { status: 'failed' },
    });
  });

  test('by an approver does not take over the own decision', async () => {
    await stage.addPerson('ann', ['trigger']);
    expect(await verdictOf(failed, {}, stage.keyOf('ann'))).toMatchObject({ verdict: 'run', because: 'whoever asks for this rerun decided it' });
  });
});
