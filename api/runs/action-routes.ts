import { jsonBody } from '../body';
import { nothing, route } from '../route';
import { actionReply } from './answers';
import { actOnMany } from './bulk';
import { actOnTask, cancelRun, setPaused } from './control';
import { requireRun } from './plan-tasks';
import { bulkResultSchema, bulkSchema, cancelSchema, runParams, runSchema, taskParams } from './schemas';

const done = { 200: 'it is so', 202: 'asked for and not yet confirmed: look at `Location`' };
const common = { method: 'post', tag: 'runs', access: 'operator', query: nothing, success: done, result: runSchema } as const;

export const actionRoutes = [
  route({
    ...common, path: '/v1/runs/{id}/cancel', summary: 'Cancel a run', params: runParams, body: jsonBody(cancelSchema), headers: ['Prefer'],
    async handle(call) {
      const { confirmed } = await cancelRun(call.deps, await requireRun(call.deps, call.params.id), call.body, call.by);
      return actionReply(call, call.params.id, confirmed);
    },
  }),
  route({
    ...common, path: '/v1/runs/{id}/pause', summary: 'Pause a run: nothing new starts', params: runParams, body: jsonBody(nothing),
    async handle(call) {
      const { confirmed } = await setPaused(call.deps, await requireRun(call.deps, call.params.id), true, call.by);
      return actionReply(call, call.params.id, confirmed);
    },
  }),
  route({
    ...common, path: '/v1/runs/{id}/resume', summary: 'Resume a paused run', params: runParams, body: jsonBody(nothing),
    async handle(call) {
      const { confirmed } = await setPaused(call.deps, await requireRun(call.deps, call.params.id), false, call.by);
      return actionReply(call, call.params.id, confirmed);
    },
  }),
  route({
    ...common, path: '/v1/runs/{id}/tasks/{task}/retry', summary: 'Retry a failed or cancelled task of an open run', params: taskParams, body: jsonBody(nothing),
    async handle(call) {
      const { confirmed } = await actOnTask(call.deps, await requireRun(call.deps, call.params.id), 'retry', call.params.task, call.by);
      return actionReply(call, call.params.id, confirmed);
    },
  }),
  route({
    ...common, path: '/v1/runs/{id}/tasks/{task}/cancel', summary: 'Cancel one task of an open run', params: taskParams, body: jsonBody(nothing),
    async handle(call) {
      const { confirmed } = await actOnTask(call.deps, await requireRun(call.deps, call.params.id), 'cancel', call.params.task, call.by);
      return actionReply(call, call.params.id, confirmed);
    },
  }),
  route({
    ...common, path: '/v1/runs/actions', summary: 'Cancel, pause or resume many open runs', params: nothing, body: jsonBody(bulkSchema),
    success: { 200: 'what became of each' }, result: bulkResultSchema,
    async handle(call) {
      return { status: 200, body: await actOnMany(call.deps, call.body, call.by) };
    },
  }),
];
