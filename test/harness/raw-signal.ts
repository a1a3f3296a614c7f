import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';

/** A signal with this argument as it is, as `temporal workflow signal --input … --input-meta encoding=…` sends it. */
export async function signalRaw({ workflowService, options: { namespace } }: Client, workflowId: string, signalName: string, payload: Payload): Promise<void> {
  await workflowService.signalWorkflowExecution({ namespace, workflowExecution: { workflowId }, signalName, input: { payloads: [payload] } });
}

const payload = (encoding: string, data: string): Payload => ({ metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) });

/** Arguments that nobody can read: of an unknown encoding, of none, and not what the encoding says. */
export const unreadable: readonly Payload[] = [payload('binary/strange', '\u0001'), { data: Buffer.from('{}') }, payload('json/plain', '{"decision": appr')];
