import type { Client } from '@temporalio/client';
import { v7 as uuidv7 } from 'uuid';
import type { ActivityDependencies } from '../../activities/dependencies';
import type { Processor } from '../../activities/processor';
import { builtinProcessors } from '../../activities/processors';
import { catalogueOf } from '../../activities/processors/plugins';
import { insertVersion, lockPipeline, storePlan } from '../../db/pipelines';
import { acceptRun } from '../../db/runs';
import type { JsonObject } from '../../domain/json';
import { limits } from '../../domain/limits';
import { checkDefinition } from '../../domain/pipeline/definition';
import { concurrencyOf } from '../../domain/pipeline/concurrency';
import { resolveInputs } from '../../domain/pipeline/inputs';
import type { Plan } from '../../domain/pipeline/plan';
import { planHash } from '../../domain/pipeline/plan-hash';
import type { AcceptedRun } from '../../domain/pipeline/run';
import { isFinalRun, type RunProgress, type RunStatus } from '../../domain/pipeline/status';
import type { Config } from '../../platform/config';
import { transaction } from '../../platform/postgres';
import { startWorkflow, updateWorkflow, type UpdateAnswer } from '../../platform/temporal';
import { pipelineRunType, runWorkflowId, startOptions, type ControlResult } from '../../workflows/pipeline/contract';
import { createTestDatabase, type TestDatabase } from '../harness/database';
import { testConfig, testTemporal, testTemporalClient } from '../harness/temporal';
import { startTestWorker } from '../harness/worker';

export interface RunResult {
  id: string;
  status: RunStatus;
  outputs: JsonObject | null;
  error: { code: string; message: string } | null;
  progress: RunProgress;
  warnings: string[];
}
export interface TaskResult {
  task: string;
  instance: number;
  status: string;
  attempt: number;
  generation: number;
  output: unknown;
  error: { code: string; message: string } | null;
  startedAt: Date | null;
  finishedAt: Date | null;
}

type ProcessorsByName = ActivityDependencies['processors'];

/** A worker of this process on the test run's servers, and what tests do with runs. */
export class RunStage {
  stopWorker: () => Promise<void> = async () => undefined;

  private constructor(readonly config: Config, readonly database: TestDatabase, readonly client: Client, private readonly processors: ProcessorsByName) {}

  /** @param extra processors beside the built-in ones */
  static async open(overrides: Record<string, string> = {}, extra: Processor[] = []): Promise<RunStage> {
    const database = await createTestDatabase();
    const config = testConfig(database.url, testTemporal(), overrides);
    const processors = new Map([...builtinProcessors, ...extra.map((processor) => [processor.name, processor] as const)]);
    const stage = new RunStage(config, database, testTemporalClient(config), processors);
    await stage.startWorker();
    return stage;
  }

  async startWorker(): Promise<void> {
    this.stopWorker = await startTestWorker(this.config, this.database.pool, this.client, this.processors);
  }

  async close(): Promise<void> {
    await this.stopWorker();
    await this.client.connection.close();
    await this.database.close();
  }

  /** Checks and stores a definition, like the API does. */
  async apply(source: string, format: 'yaml' | 'json' = 'yaml'): Promise<Plan> {
    const catalogue = new Map(catalogueOf(this.processors).map((entry) => [entry.name, entry]));
    const { plan, errors } = checkDefinition(source, format, catalogue);
    if (!plan) throw new Error(`The definition is not right: ${JSON.stringify(errors, null, 1)}`);
    await transaction(this.database.pool, async (client) => {
      const known = await lockPipeline(client, plan.name);
      const hash = planHash(plan);
      await storePlan(client, { hash, body: JSON.stringify(plan), tasks: plan.tasks.length });
      await insertVersion(client, {
        pipeline: plan.name, version: (known?.version ?? 0) + 1, planHash: hash, description: undefined, labels: {},
        source, format, createdBy: 'test',
      });
    });
    return plan;
  }

  /** Accepts a run and starts its workflow, like the API does. */
  async start(plan: Plan, given: JsonObject = {}, priority = plan.priority ?? 3): Promise<string> {
    const { accepted, inputs, admitted } = await this.accept(plan, given, priority);
    if (admitted) await startWorkflow(this.client, pipelineRunType, startOptions(accepted, inputs, this.config.TEMPORAL_TASK_QUEUE));
    return accepted.run.id;
  }

  /** Only accepts it: its workflow is for the starter. */
  async accept(plan: Plan, given: JsonObject = {}, priority = plan.priority ?? 3): Promise<{ accepted: AcceptedRun; inputs: JsonObject; admitted: boolean }> {
    const id = uuidv7();
    const { inputs, faults } = resolveInputs(plan.inputs, given);
    if (faults.length > 0) throw new Error(JSON.stringify(faults));
    const run = { id, pipeline: plan.name, version: 1, scheduledAt: null, trigger: { type: 'api' as const }, requestedBy: 'test' };
    const concurrency = concurrencyOf(plan, inputs, run);
    const hash = planHash(plan);
    const { admittedAt } = await transaction(this.database.pool, (client) => acceptRun(client, {
      ...run, scheduledAt: undefined, planHash: hash, inputs, labels: {}, priority,
      workflowId: runWorkflowId(plan.name, id), total: plan.tasks.length, ...(concurrency && { concurrency }),
    }));
    const small = JSON.stringify(plan).length < limits.inlinePlanBytes;
    return { accepted: { run, planHash: hash, priority, hasSlot: concurrency !== undefined, ...(small && { plan }) }, inputs, admitted: admittedAt !== null };
  }

  /** Applies, starts and waits. */
  async run(source: string, inputs: JsonObject = {}, patienceMs = 60_000): Promise<RunResult> {
    return this.final(await this.start(await this.apply(source), inputs), patienceMs);
  }

  async final(id: string, patienceMs = 60_000): Promise<RunResult> {
    return this.until(id, ({ status }) => isFinalRun(status), patienceMs);
  }

  async until(id: string, holds: (run: RunResult) => boolean, patienceMs = 60_000): Promise<RunResult> {
    const giveUpAt = Date.now() + patienceMs;
    for (;;) {
      const { rows } = await this.database.pool.query<RunResult>('select id, status, outputs, error, progress, warnings from runs where id = $1', [id]);
      const run = rows[0];
      if (run && holds(run)) return run;
      if (Date.now() > giveUpAt) throw new Error(`The run did not get there in ${patienceMs} ms: ${JSON.stringify(run)}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async tasks(id: string): Promise<TaskResult[]> {
    const { rows } = await this.database.pool.query<TaskResult>(
      `select task, instance, status, attempt, generation, output, error, started_at as "startedAt", finished_at as "finishedAt"
       from run_tasks where run_id = $1 order by task, instance`, [id]);
    return rows;
  }

  async statuses(id: string): Promise<Record<string, string>> {
    return Object.fromEntries((await this.tasks(id)).filter(({ instance }) => instance < 0).map(({ task, status }) => [task, status]));
  }

  async untilTask(id: string, task: string, status: string, patienceMs = 15_000): Promise<void> {
    const giveUpAt = Date.now() + patienceMs;
    while ((await this.statuses(id))[task] !== status) {
      if (Date.now() > giveUpAt) throw new Error(`${task} did not become ${status}: ${JSON.stringify(await this.statuses(id))}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async events(id: string): Promise<{ seq: number; type: string; data: JsonObject }[]> {
    const { rows } = await this.database.pool.query<{ seq: number; type: string; data: JsonObject }>(
      'select seq, type, data from run_events where run_id = $1 order by seq', [id]);
    return rows;
  }

  signal(plan: Plan, id: string, name: string, argument: unknown): Promise<void> {
    return this.client.workflow.getHandle(runWorkflowId(plan.name, id)).signal(name, argument);
  }

  update(plan: Plan, id: string, name: string, argument: unknown = {}): Promise<UpdateAnswer<ControlResult>> {
    return updateWorkflow<ControlResult>(this.client, runWorkflowId(plan.name, id), name, argument, uuidv7());
  }
}
