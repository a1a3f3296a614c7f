import { z } from 'zod';
import { listAttempts, listInstances } from '../../db/run-task-queries';
import { noBody } from '../body';
import { cutPage, decodeCursor, encodeCursor, pageQuery } from '../pages';
import { route } from '../route';
import { PlanTasks } from './plan-tasks';
import { runParams, taskDetailSchema, taskListQuery, taskPageSchema, taskParams } from './schemas';
import { attemptView } from './views';

const shownAttempts = 100;
const place = z.int32().min(0);

export const runTaskRoutes = [
  route({
    method: 'get', path: '/v1/runs/{id}/tasks', tag: 'runs', access: 'viewer', summary: 'List the tasks of a run',
    params: runParams, query: taskListQuery, body: noBody,
    success: { 200: 'a page of tasks, in the order of the definition' }, result: taskPageSchema,
    async handle({ deps, params, query: { status, limit, cursor } }) {
      const tasks = await PlanTasks.of(deps, params.id);
      const places = await tasks.places(status, decodeCursor(place, cursor) ?? 0, limit + 1);
      const next = places[limit];
      const items = await tasks.views(places.slice(0, limit));
      return { status: 200, body: { items, nextCursor: next === undefined ? null : encodeCursor(next) } };
    },
  }),
  route({
    method: 'get', path: '/v1/runs/{id}/tasks/{task}', tag: 'runs', access: 'viewer', summary: 'Show a task with its attempts and instances',
    params: taskParams, query: pageQuery(), body: noBody,
    success: { 200: 'the task; `limit` and `cursor` page through its instances' }, result: taskDetailSchema,
    async handle({ deps, params, query: { limit, cursor } }) {
      const tasks = await PlanTasks.of(deps, params.id);
      const task = tasks.require(params.task);
      const after = decodeCursor(place, cursor) ?? -1;
      const [[view], attempts, rows] = await Promise.all([
        tasks.views([tasks.plan.tasks.indexOf(task)]),
        listAttempts(deps.pool, params.id, task.id, shownAttempts),
        listInstances(deps.pool, params.id, task.id, { after, limit: limit + 1 }),
      ]);
      const instances = cutPage(rows, limit, (row) => tasks.view(task, row), (row) => row.instance);
      return { status: 200, body: { ...(view ?? tasks.view(task, undefined)), attempts: attempts.map(attemptView), instances } };
    },
  }),
];
