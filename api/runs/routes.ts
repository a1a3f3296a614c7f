import { z } from 'zod';
import { listRuns, type RunFilter } from '../../db/run-queries';
import { transaction } from '../../platform/postgres';
import { jsonBody, noBody } from '../body';
import { once } from '../idempotency';
import { cutPage, decodeCursor } from '../pages';
import { nameParams } from '../pipelines/schemas';
import { nothing, route, streamed, type Reply } from '../route';
import { runNow, startedReply } from './answers';
import { startSoon } from './dispatch';
import { streamEvents } from './events';
import { PlanTasks } from './plan-tasks';
import { graphSchema, listQuery, newRunSchema, runPageSchema, runParams, runSchema, streamedEventSchema } from './schemas';
import { acceptNewRun, tryNewRun, type StartCall, type StartedRun } from './start';
import { runView } from './views';

const tag = 'runs';

/** Accepts the run, answers, and asks Temporal for its workflow without making the caller wait for that. */
async function start(call: StartCall): Promise<Reply<z.output<typeof runSchema>>> {
  const { deps } = call;
  if (call.body.dryRun) {
    const { row } = await transaction(deps.pool, (client) => tryNewRun(client, call));
    return { status: 200, body: runView(deps.config, row) };
  }
  let started: StartedRun | undefined;
  const accepted = await once(call, runSchema, async (client) => {
    started = await acceptNewRun(client, call);
    const run = runView(deps.config, started.row);
    return { status: 202, body: run, headers: { Location: `/v1/runs/${run.id}` } };
  });
  if (started) call.log.info('a run was accepted', { runId: started.row.id, pipeline: started.row.pipeline });
  if (started?.admitted) void startSoon(deps, started.row, started.loaded);
  return startedReply(call, accepted);
}

const filterOf = (query: z.output<typeof listQuery>): RunFilter => ({
  pipeline: query.pipeline,
  statuses: query.status,
  trigger: query.trigger,
  labels: query.label && Object.fromEntries(query.label.map((pair) => {
    const [, name = '', value = ''] = /^([^:=]+)[:=](.*)$/s.exec(pair) ?? [];
    return [name, value];
  })),
  after: query.after === undefined ? undefined : new Date(query.after),
  before: query.before === undefined ? undefined : new Date(query.before),
});

export const runRoutes = [
  route({
    method: 'post', path: '/v1/pipelines/{name}/runs', tag, access: 'trigger', summary: 'Start a run',
    params: nameParams, query: nothing, body: jsonBody(newRunSchema), headers: ['Idempotency-Key', 'Prefer'],
    success: { 202: 'accepted: from here it is never lost', 200: 'over already (`Prefer: wait`), or only tried (`dryRun`)' },
    result: runSchema, handle: start,
  }),
  route({
    method: 'get', path: '/v1/runs', tag, access: 'viewer', summary: 'List runs, newest first',
    params: nothing, query: listQuery, body: noBody, success: { 200: 'a page of runs' }, result: runPageSchema,
    async handle({ deps, query }) {
      const before = decodeCursor(z.uuid(), query.cursor);
      const rows = await listRuns(deps.pool, filterOf(query), { before, limit: query.limit + 1 });
      return { status: 200, body: cutPage(rows, query.limit, (row) => runView(deps.config, row), (row) => row.id) };
    },
  }),
  route({
    method: 'get', path: '/v1/runs/{id}', tag, access: 'viewer', summary: 'Show a run',
    params: runParams, query: nothing, body: noBody, headers: ['Prefer'], success: { 200: 'the run' }, result: runSchema,
    async handle(call) {
      const { run, headers } = await runNow(call, call.params.id);
      return { status: 200, body: run, headers };
    },
  }),
  route({
    method: 'get', path: '/v1/runs/{id}/graph', tag, access: 'viewer', summary: 'The tasks of a run and what they wait for',
    params: runParams, query: nothing, body: noBody, success: { 200: 'nodes with their status, and edges' }, result: graphSchema,
    async handle({ deps, params }) {
      const tasks = await PlanTasks.of(deps, params.id);
      const statuses = await tasks.statuses();
      const nodes = tasks.plan.tasks.map((task, index) =>
        ({ id: task.id, uses: task.uses, status: statuses[index] ?? 'pending', forEach: task.forEach !== undefined }));
      const edges = tasks.plan.tasks.flatMap((task) => tasks.needsOf(task).map((from) => ({ from, to: task.id })));
      return { status: 200, body: { nodes, edges } };
    },
  }),
  route({
    method: 'get', path: '/v1/runs/{id}/events', tag, access: 'viewer', summary: 'Watch a run (Server-Sent Events)',
    params: runParams, query: nothing, body: noBody, headers: ['Last-Event-ID'],
    success: { 200: 'events with their number as `id`, and `task` messages with live changes; ends with the run', 204: 'there will be no more events' },
    result: streamedEventSchema, media: ['text/event-stream'],
    async handle(call) {
      await streamEvents(call);
      return streamed;
    },
  }),
];
