import type { z } from 'zod';
import { transaction } from '../../platform/postgres';
import { jsonBody, noBody } from '../body';
import { once } from '../idempotency';
import { nothing, route, type Reply } from '../route';
import { startedReply } from './answers';
import { diffRuns } from './diff';
import { diffQuery, runDiffSchema } from './diff-schemas';
import { startSoon } from './dispatch';
import { acceptRerun, tryRerun, type RerunCall } from './rerun';
import { rerunResultSchema, rerunSchema } from './rerun-schemas';
import { runParams, runSchema } from './schemas';
import type { StartedRun } from './start';
import { runView } from './views';

/** Accepts the rerun like a run, or tells only what it would be. */
async function rerun(call: RerunCall): Promise<Reply<z.input<typeof rerunResultSchema>>> {
  const { deps } = call;
  if (call.body.dryRun) return { status: 200, body: await transaction(deps.pool, (client) => tryRerun(client, call)) };
  let started: StartedRun | undefined;
  const accepted = await once(call, runSchema, async (client) => {
    started = await acceptRerun(client, call);
    const run = runView(deps.config, started.row);
    return { status: 202, body: run, headers: { Location: `/v1/runs/${run.id}` } };
  });
  if (started?.admitted) void startSoon(deps, started.row, started.loaded);
  return startedReply(call, accepted);
}

export const rerunRoutes = [
  route({
    method: 'post', path: '/v1/runs/{id}/rerun', tag: 'runs', access: 'trigger', summary: 'Run an ended run again, with the results that hold',
    params: runParams, query: nothing, body: jsonBody(rerunSchema), headers: ['Idempotency-Key', 'Prefer'],
    success: { 202: 'accepted: a new run', 200: 'over already (`Prefer: wait`), or only what would become of every task (`dryRun`)' },
    result: rerunResultSchema, handle: rerun,
  }),
  route({
    method: 'get', path: '/v1/runs/{id}/diff', tag: 'runs', access: 'viewer', summary: 'Compare a run with another one of its pipeline',
    params: runParams, query: diffQuery, body: noBody, success: { 200: 'what differs' }, result: runDiffSchema,
    async handle({ deps, params, query }) {
      return { status: 200, body: await diffRuns(deps, params.id, query.with) };
    },
  }),
];
