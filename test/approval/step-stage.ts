import { createHash, randomUUID } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { z } from 'zod';
import type { approvalSummarySchema } from '../../api/approvals/schemas';
import { hashKey } from '../../api/auth';
import { insertKey } from '../../db/keys';
import { eventually } from '../../devstack/processes';
import type { Explanation } from '../../domain/pipeline/explain';
import type { RunView, TaskView } from '../../domain/pipeline/run';
import { isFinalRun } from '../../domain/pipeline/status';
import { CliStage } from '../cli/cli-stage';

type Asked = z.output<typeof approvalSummarySchema>;

/** Runs that ask for decisions, and people who give them over the API. */
export class StepStage {
  private readonly keys = new Map<string, string>();

  private constructor(readonly cli: CliStage) {}

  static async open(): Promise<StepStage> {
    return new StepStage(await CliStage.open({ DATAMCP_SECRETS_KEY: createHash('sha256').update('steps').digest('base64') }));
  }

  close(): Promise<void> {
    return this.cli.close();
  }

  get temporal() {
    return this.cli.api.deps.temporal.workflow;
  }

  async addPerson(name: string, roles: string[]): Promise<void> {
    const key = `dmcp_${randomUUID()}`;
    this.keys.set(name, key);
    await insertKey(this.cli.api.database.pool, {
      id: uuidv7(), hash: hashKey(key), prefix: key.slice(0, 12), subject: { type: 'user', name }, roles, groups: [], createdBy: 'test', expiresAt: null,
    });
  }

  keyOf(name: string): string {
    const key = this.keys.get(name);
    if (key === undefined) throw new Error(`${name} has no key`);
    return key;
  }

  async call<T = Record<string, unknown>>(method: string, path: string, body?: object, key = this.cli.api.adminKey): Promise<T> {
    const answer = await this.cli.api.call(method, path, { key, ...(body && { body }) });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
    return JSON.parse(answer.text);
  }

  /** Applies a document and starts a run of it. @returns its id */
  async start(document: string, inputs: object = {}): Promise<string> {
    const applied = await this.cli.api.apply(document);
    if (applied.status >= 300) throw new Error(applied.text);
    return (await this.call<RunView>('POST', `/v1/pipelines/${String(applied.body['name'])}/runs`, { inputs })).id;
  }

  /** The open request of a step, once it is there. */
  async asked(run: string, task = 'sign_off', instance: number | null = null): Promise<Asked> {
    const found = await eventually(async () => {
      const { items } = await this.call<{ items: Asked[] }>('GET', `/v1/approvals?run=${run}&status=open,changes_requested`);
      return items.find((item) => item.task === task && item.instance === instance);
    }, 20_000);
    if (!found) throw new Error(`${task} of ${run} asks for nothing: ${JSON.stringify(await this.tasks(run))}`);
    return found;
  }

  decide(id: string, person: string, decision: 'approve' | 'reject', more: object = {}): Promise<object> {
    return this.call('POST', `/v1/approvals/${id}/decisions`, { decision, ...more }, this.keyOf(person));
  }

  run(id: string): Promise<RunView> {
    return this.call<RunView>('GET', `/v1/runs/${id}`);
  }

  async final(id: string): Promise<RunView> {
    const run = await eventually(async () => {
      const found = await this.run(id);
      return isFinalRun(found.status) ? found : undefined;
    }, 30_000);
    if (!run) throw new Error(`${id} did not end: ${JSON.stringify(await this.tasks(id))}`);
    return run;
  }

  async tasks(run: string): Promise<Record<string, TaskView>> {
    const { items } = await this.call<{ items: TaskView[] }>('GET', `/v1/runs/${run}/tasks`);
    return Object.fromEntries(items.map((task) => [task.instance === null ? task.id : `${task.id}[${task.instance}]`, task]));
  }

  async untilTask(run: string, task: string, holds: (task: TaskView) => boolean): Promise<TaskView> {
    const found = await eventually(async () => {
      const now = (await this.tasks(run))[task];
      return now && holds(now) ? now : undefined;
    }, 20_000);
    if (!found) throw new Error(`${task} did not get there: ${JSON.stringify(await this.tasks(run))}`);
    return found;
  }

  explain(run: string, task?: string): Promise<Explanation> {
    return this.call<Explanation>('GET', `/v1/runs/${run}/explain${task === undefined ? '' : `?task=${task}`}`);
  }

  /** What the Temporal UI shows beside a workflow. */
  async details(workflowId: string): Promise<string> {
    return (await this.temporal.getHandle(workflowId).query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
  }
}
