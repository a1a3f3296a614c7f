import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { limits } from '../../domain/limits';
import type { World } from './world';

/** One limit: what is tried is as large as the size that is given, and the answer is `ok` or the code of the refusal. */
export interface Edge {
  what: string;
  limit: number;
  refusal: string;
  answerTo: (world: World, size: number) => Promise<string>;
}

const bodyBytes = 256 * 1024;
const longestLine = 64 * 1024;
const longestKey = 255;
const requestBytes = 4 * 1024 * 1024;
const longestComment = 4_000;
const longestPattern = 1_000;
/** Long values are made of an input that is read many times: a definition would be too large. */
const inputBytes = 60_000;

const json = { 'content-type': 'application/json' };
const filled = (size: number, before: string, after = ''): string => before + 'x'.repeat(size - before.length - after.length) + after;
/** A document with blanks behind it. */
const padded = (size: number, text: string): string => text + ' '.repeat(size - text.length);

const problem = z.object({ code: z.string() });
const verdict = z.object({ valid: z.boolean(), errors: z.array(z.object({ code: z.string() })) });

/** What the API says to the start of a run with this body. */
async function toStart({ client }: World, body: string, key: string = randomUUID()): Promise<string> {
  const { status, body: answer } = await client.call('POST', '/v1/pipelines/echo/runs', body, { ...json, 'idempotency-key': key });
  return status === 202 ? 'ok' : problem.parse(answer).code;
}

/** What is found wrong with a definition. */
async function toDefinition({ client }: World, document: string, headers: Record<string, string> = {}): Promise<string> {
  const { status, body } = await client.call('POST', '/v1/pipelines/validate', document, headers);
  if (status !== 200) return problem.parse(body).code;
  const { valid, errors } = verdict.parse(body);
  return valid ? 'ok' : [...new Set(errors.map(({ code }) => code))].join(' ');
}

const toTasks = (world: World, tasks: object[]): Promise<string> => toDefinition(world, JSON.stringify({ name: 'edge', tasks }), json);

/** Carries out a run of one task, whose pipeline has the input `text`. @returns its id, and how the task ended */
async function run(world: World, task: object, inputs: object = {}, outputs: object = {}): Promise<{ id: string; end: string }> {
  const definition = { name: 'edge', outputs, inputs: { text: { type: 'string', default: '' } }, tasks: [{ id: 'only', retry: { maxAttempts: 1 }, ...task }] };
  await world.apply('edge', JSON.stringify(definition));
  const id = await world.start('edge', randomUUID(), inputs);
  if (id === undefined) throw new Error('a run at an edge was not accepted');
  const status = await world.stage.ended(id);
  const { rows: [row] } = await world.stage.pool.query<{ code: string }>("select error ->> 'code' as code from run_tasks where run_id = $1 and task = 'only' and instance < 0", [id]);
  return { id, end: status === 'succeeded' ? 'ok' : (row?.code ?? status) };
}

const toRun = async (world: World, task: object, inputs?: object): Promise<string> => (await run(world, task, inputs)).end;

/** Whether the outputs of a run are kept, or left out because they are too large. */
async function toOutputs(world: World, text: string): Promise<string> {
  const { id } = await run(world, { uses: 'core.noop' }, { text: 'x'.repeat(inputBytes) }, { text });
  const { body: { outputs } } = await world.client.call('GET', `/v1/runs/${id}`);
  return outputs === null ? 'left out' : 'ok';
}

const request = JSON.stringify({ title: 'edge', policy: { approvers: { users: ['admin'] }, requesterMayDecide: true } });

/** What the API says to a request for a decision, and its id. */
async function ask({ client }: World, body: string): Promise<{ id: string; answer: string }> {
  const { status, body: answer } = await client.call('POST', '/v1/approvals', body, json);
  return { id: String(answer['id']), answer: status === 201 ? 'ok' : problem.parse(answer).code };
}

async function toComment(world: World, comment: string): Promise<string> {
  const { id } = await ask(world, request);
  const { status, body } = await world.client.call('POST', `/v1/approvals/${id}/comments`, { comment });
  return status === 200 ? 'ok' : problem.parse(body).code;
}

/** A text of so many bytes with expressions in it. */
const readMany = (bytes: number): string => '${{ inputs.text }}'.repeat(Math.floor(bytes / inputBytes)) + 'x'.repeat(bytes % inputBytes);

const message = { before: '{"that":true,"message":"', after: '"}' };

export const edges: readonly Edge[] = [
  { what: 'body', limit: bodyBytes, refusal: 'request.too_large', answerTo: (world, size) => toStart(world, padded(size, '{}')) },
  { what: 'inputs', limit: limits.runInputsBytes, refusal: 'inputs.invalid', answerTo: (world, size) => toStart(world, `{"inputs":${filled(size, '{"text":"', '"}')}}`) },
  { what: 'Idempotency-Key', limit: longestKey, refusal: 'request.invalid', answerTo: (world, size) => toStart(world, '{}', filled(size, `${randomUUID()}-`)) },
  {
    what: 'definition in YAML', limit: limits.yamlBytes, refusal: 'request.too_large',
    answerTo: (world, size) => toDefinition(world, filled(size, 'name: edge\ntasks: [ { id: only, uses: core.noop } ]\n# ')),
  },
  {
    what: 'definition in JSON', limit: limits.jsonBytes, refusal: 'request.too_large',
    answerTo: (world, size) => toDefinition(world, padded(size, '{"name":"edge","tasks":[{"id":"only","uses":"core.noop"}]}'), json),
  },
  {
    what: 'pattern of an input', limit: longestPattern, refusal: 'field.value',
    // One class is one instruction, however many characters it names.
    answerTo: (world, size) => toDefinition(world, JSON.stringify({ name: 'edge', inputs: { text: { type: 'string', pattern: filled(size, '[', ']') } }, tasks: [{ id: 'only', uses: 'core.noop' }] }), json),
  },
  { what: 'request for a decision', limit: requestBytes, refusal: 'request.too_large', answerTo: async (world, size) => (await ask(world, padded(size, request))).answer },
  { what: 'comment of a decision', limit: longestComment, refusal: 'approval.comment_invalid', answerTo: (world, size) => toComment(world, 'x'.repeat(size)) },
  { what: 'tasks', limit: limits.tasks, refusal: 'task.too_many', answerTo: (world, size) => toTasks(world, Array.from({ length: size }, (_, index) => ({ id: `t${index}`, uses: 'core.noop' }))) },
  { what: 'with', limit: limits.withBytes, refusal: 'with.too_large', answerTo: (world, size) => toTasks(world, [{ id: 'only', uses: 'core.log', with: { message: 'x'.repeat(size - '{"message":""}'.length) } }]) },
  {
    what: 'expression', limit: limits.expressionBytes, refusal: 'expression.too_large',
    answerTo: (world, size) => toTasks(world, [{ id: 'only', uses: 'core.log', with: { message: `\${{${filled(size, '"', '"')}}}` } }]),
  },
  { what: 'items of forEach', limit: limits.forEachItems, refusal: 'for_each.too_many', answerTo: (world, size) => toTasks(world, [{ id: 'only', uses: 'core.noop', forEach: { in: Array.from({ length: size }, () => 1), as: 'item' } }]) },
  {
    what: 'bytes of items', limit: limits.forEachItemsBytes, refusal: 'input_too_large',
    // Read twice, because such inputs would be too large themselves.
    answerTo: (world, size) => {
      const bytes = size - '["","",""]'.length;
      const items = `\${{ [inputs.text, inputs.text, "${'x'.repeat(bytes % 2)}"] }}`;
      return toRun(world, { uses: 'core.noop', forEach: { in: items, as: 'item' } }, { text: 'x'.repeat(Math.floor(bytes / 2)) });
    },
  },
  {
    what: 'resolved with', limit: limits.resolvedWithBytes, refusal: 'input_too_large',
    answerTo: (world, size) => toRun(world, { uses: 'core.assert', with: { that: true, message: readMany(size - message.before.length - message.after.length) } }, { text: 'x'.repeat(inputBytes) }),
  },
  { what: 'output', limit: limits.outputBytes, refusal: 'output_too_large', answerTo: (world, size) => toRun(world, { uses: 'core.log', with: { message: 'x'.repeat(size - '{"message":""}'.length) } }) },
  { what: 'outputs of a run', limit: limits.outputBytes, refusal: 'left out', answerTo: (world, size) => toOutputs(world, readMany(size - '{"text":""}'.length)) },
  {
    what: 'log line', limit: longestLine, refusal: 'cut',
    answerTo: async (world, size) => toText(world, { uses: 'core.log', with: { message: 'x'.repeat(size) } }, 'select message as text from task_logs where run_id = $1', size),
  },
  {
    what: 'error text', limit: limits.errorTextBytes, refusal: 'cut',
    answerTo: async (world, size) => toText(world, { uses: 'core.fail', with: { message: 'x'.repeat(size) } }, "select error ->> 'message' as text from run_tasks where run_id = $1", size),
  },
];

/** Whether what a task said is kept as a whole. Lines may come after the end of their run. */
async function toText(world: World, task: object, sql: string, size: number): Promise<string> {
  const { id } = await run(world, task);
  return world.stage.until(10_000, `the text of run ${id} was not written`, async () => {
    const { rows: [row] } = await world.stage.pool.query<{ text: string | null }>(sql, [id]);
    return row?.text == null ? undefined : row.text === 'x'.repeat(size) ? 'ok' : 'cut';
  });
}
