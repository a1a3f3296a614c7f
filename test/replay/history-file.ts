import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { z } from 'zod';

const folder = join(__dirname, 'histories');
const suffix = '.json.gz';

/** As `temporal workflow show --output json` prints it: what it is about is left to the replay. */
const historySchema = z.looseObject({
  events: z.tuple([
    z.looseObject({ workflowExecutionStartedEventAttributes: z.looseObject({ workflowId: z.string(), workflowType: z.looseObject({ name: z.string() }) }) }),
  ], z.looseObject({ eventId: z.string(), eventType: z.string() })),
});
export type RecordedHistory = z.output<typeof historySchema>;

/** Names of processes and places in a file system say nothing about a history. */
function withoutMachine(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (key === 'stackTrace') return '';
  return /^\d+@/.test(value) ? 'worker' : value;
}

/** Names of the histories that are kept. */
export const historyNames = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length)).sort();

export async function readHistory(name: string): Promise<RecordedHistory> {
  const text = gunzipSync(await readFile(join(folder, `${name}${suffix}`))).toString();
  return historySchema.parse(JSON.parse(text));
}

/** Keeps the history of a workflow, which may still be open, under a name. @param runId without it, the last of a chain of runs */
export async function keepHistory(client: Client, name: string, workflowId: string, runId?: string): Promise<void> {
  const history = historyToJSON(await client.workflow.getHandle(workflowId, runId).fetchHistory());
  const text = JSON.stringify(historySchema.parse(JSON.parse(history)), withoutMachine);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${name}${suffix}`), gzipSync(text, { level: 9 }));
}

export const startOf = ({ events: [started] }: RecordedHistory): { workflowId: string; type: string } => ({
  workflowId: started.workflowExecutionStartedEventAttributes.workflowId,
  type: started.workflowExecutionStartedEventAttributes.workflowType.name,
});
