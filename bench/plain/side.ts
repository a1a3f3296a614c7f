import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { startProgram, stopProcess } from '../../devstack/processes';
import type { Folders } from '../../devstack/folders';
import type { StackAddresses } from '../stack';
import type { Side } from '../comparison';
import { plainFanOut, plainSequence, type StepKind } from './workflows';

const taskQueue = 'bench-plain';

/** The same work as plain Temporal workflows, on the same server. */
export class PlainSide implements Side {
  private pid: number | undefined;

  constructor(private readonly client: Client) {}

  async start(folders: Folders, { temporalAddress, temporalNamespace, databaseUrl }: StackAddresses): Promise<void> {
    const program = await startProgram({
      command: process.execPath, args: [join(folders.root, 'dist', 'bench', 'plain', 'worker.js')], cwd: folders.root,
      env: {
        ...process.env, TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_NAMESPACE: temporalNamespace,
        TEMPORAL_TASK_QUEUE: taskQueue, DATABASE_URL: databaseUrl,
      },
      logFile: join(folders.logs, 'plain-worker.log'), stopSignal: 'SIGTERM',
    });
    this.pid = program.pid;
  }

  async stop(): Promise<void> {
    if (this.pid !== undefined) await stopProcess(this.pid, { graceMs: 5_000 });
  }

  async sequence(timeoutMs: number): Promise<void> {
    await this.client.workflow.execute(plainSequence, { ...this.options(timeoutMs), args: [] });
  }

  async fanOut(kind: StepKind, tasks: number, timeoutMs: number): Promise<void> {
    await this.client.workflow.execute(plainFanOut, { ...this.options(timeoutMs), args: [kind, tasks] });
  }

  private options(timeoutMs: number) {
    return { taskQueue, workflowId: `bench-plain/${randomUUID()}`, workflowExecutionTimeout: timeoutMs };
  }
}
