import type { RunFacts, TaskFact } from '../../domain/pipeline/facts';
import type { RunProgress, RunStatus } from '../../domain/pipeline/status';
import { projectFacts } from '../../db/projection';
import type { TestApi } from './test-api';

export const twoTasks = (name: string): string => `name: ${name}
labels: { team: data }
inputs:
  month: { type: string, default: "2001-01", pattern: "^\\\\d{4}-\\\\d{2}$" }
tasks:
  - id: extract
    uses: core.log
    with: { message: hello }
  - id: load
    needs: [extract]
    uses: core.log
    with: { message: bye }
`;

/** Starts a run of a pipeline that is applied for it. @returns its id */
export async function startRun(api: TestApi, name: string, body: object = {}): Promise<string> {
  await api.apply(twoTasks(name));
  const answer = await api.call('POST', `/v1/pipelines/${name}/runs`, { body });
  if (answer.status !== 202) throw new Error(`The run was not accepted: ${answer.text}`);
  return String(answer.body['id']);
}

const progress: RunProgress = { total: 2, succeeded: 0, failed: 0, skipped: 0, cancelled: 0, running: 0, waiting: 0, queued: 0, pending: 2 };

/** Tells the read model what the workflow of a run tells it. */
export async function tell(api: TestApi, runId: string, seq: number, status: RunStatus, facts: Partial<RunFacts> = {}): Promise<void> {
  const at = new Date().toISOString();
  const events = [{ seq, type: `run.${status}`, at, data: { seq } }];
  await projectFacts(api.database.pool, { runId, seq, status, startedAt: at, progress, tasks: [], events, ...facts });
}

export const taskFact = (seq: number, task: string, fact: Partial<TaskFact>): TaskFact =>
  ({ seq, at: new Date().toISOString(), task, instance: -1, generation: 0, status: 'succeeded', attempt: 1, startedAt: new Date().toISOString(), ...fact });
