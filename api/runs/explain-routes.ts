import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { explain } from '../../domain/pipeline/explain';
import { situationKinds } from '../../domain/pipeline/explain-facts';
import { noBody } from '../body';
import { route } from '../route';
import { largestInteger } from '../validation';
import { findRunSituation } from './explain-runs';
import { sceneOf } from './explain-scene';
import { findTaskSituation } from './explain-units';
import { runParams, taskId } from './schemas';

const explanationSchema = z.object({
  kind: z.enum(situationKinds),
  sentence: z.string(),
  since: z.string().nullable().describe('null where nobody has noted it'),
  next: z.string().describe('what a person can do: a command, or words'),
  details: z.record(z.string(), z.unknown()).describe('the facts behind the sentence, by kind; `task` and `instance` when it is about one'),
}).meta({ id: 'Explanation' });

const explainQuery = z.strictObject({
  task: taskId.optional().describe('explain this task, not the whole run'),
  instance: z.coerce.number().int().min(0).max(largestInteger).optional().describe('item number of an instance of the `forEach` task'),
}).refine(({ task, instance }) => instance === undefined || task !== undefined, { path: ['instance'], message: 'is of a task: name that, too' });

export const explainRoutes = [
  route({
    method: 'get', path: '/v1/runs/{id}/explain', tag: 'runs', access: 'viewer', summary: 'Say why a run, or one of its tasks, is where it is',
    params: runParams, query: explainQuery, body: noBody, success: { 200: 'one sentence, since when, and what to do' }, result: explanationSchema,
    async handle({ deps, params, query: { task: id, instance } }) {
      const scene = await sceneOf(deps, params.id, id ?? null);
      const task = id === undefined ? undefined : scene.tasks.require(id);
      if (instance !== undefined && !task?.forEach) throw new AppError('not_found', `${id ?? ''} has no instances: it has no forEach.`);
      // What keeps a run from starting keeps each of its tasks.
      const found = task && scene.tasks.run.status !== 'queued' ? await findTaskSituation(scene, task, instance ?? -1) : await findRunSituation(scene);
      return { status: 200, body: explain(found.subject, found.situation) };
    },
  }),
];
