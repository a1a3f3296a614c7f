import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { startProgram, stopProcess } from '../../devstack/processes';
import type { Folders } from '../../devstack/folders';
import { loadConfig } from '../../platform/config';
import { makeTemporalClient } from '../../platform/temporal';
import type { StackAddresses } from '../stack';
import { longestRunMs, type Side } from '../side';
import { plainDecide, plainDecision, plainFanOut, plainSequence, plainWide, type StepKind } from './workflows';

const taskQueue = 'bench-plain';
const graceMs = 5_000;

/** The same work as plain Temporal workflows, on the same server. */
export class PlainSide implements Side {
  private started: WorkflowHandle[] = [];

  private constructor(private readonly client: Client, private readonly workerPid: number) {}

  /** With a worker of its own, and a client of its own. */
  static async start(folders: Folders, { temporalAddress, temporalNamespace, databaseUrl }: StackAddresses): Promise<PlainSide> {
    const addresses = { TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_NAMESPACE: temporalNamespace, DATABASE_URL: databaseUrl };
    const worker = await startProgram({
      command: process.execPath, args: [join(folders.root, 'dist', 'bench', 'plain', 'worker.js')], cwd: folders.root,
      env: { ...process.env, ...addresses, TEMPORAL_TASK_QUEUE: taskQueue },
      logFile: join(folders.logs, 'plain-worker.log'), stopSignal: 'SIGTERM',
    });
    return new PlainSide(makeTemporalClient(loadConfig(addresses)), worker.pid);
  }

  async stop(): Promise<void> {
    await stopProcess(this.workerPid, { graceMs });
    await this.client.connection.close();
  }

  async sequence(kind: StepKind): Promise<void> {
    await this.client.workflow.execute(plainSequence, { ...this.options(), args: [kind, 3] });
  }

  async fanOut(kind: StepKind, tasks: number): Promise<void> {
    await this.client.workflow.execute(plainFanOut, { ...this.options(), args: [kind, tasks] });
  }

  async wide(kind: StepKind, tasks: number): Promise<void> {
    await this.client.workflow.execute(plainWide, { ...this.options(), args: [kind, tasks] });
  }

  async start(kind: StepKind): Promise<void> {
    this.started.push(await this.client.workflow.start(plainSequence, { ...this.options(), args: [kind, 1] }));
  }

  async drain(): Promise<void> {
    const started = this.started;
    this.started = [];
    await Promise.all(started.map((handle) => handle.result()));
  }

  /** Requests for a decision that wait. */
  async openDecisions(count: number, deadlineMs: number, atOnce: number): Promise<WorkflowHandle[]> {
    const opened: WorkflowHandle[] = [];
    while (opened.length < count) {
      const next = Array.from({ length: Math.min(atOnce, count - opened.length) }, () => this.client.workflow.start(plainDecision, { ...this.options(), args: [deadlineMs] }));
      opened.push(...(await Promise.all(next)));
    }
    return opened;
  }

  async decide(request: WorkflowHandle): Promise<void> {
    await request.executeUpdate(plainDecide, { args: ['approve'] });
  }

  private options() {
    return { taskQueue, workflowId: `bench-plain/${randomUUID()}`, workflowExecutionTimeout: longestRunMs };
  }
}
