import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const pid = z.number().int().positive().nullable();

/** What others find in `.datamcp/stack.json` while the stack is up. A process that is not ours, or is being started again, is null. */
const stackFileSchema = z.object({
  apiUrl: z.string(),
  apiKey: z.string(),
  /** Of the identity that decides what the first one asks for. Absent in files of older versions. */
  approverKey: z.string().optional(),
  temporalAddress: z.string(),
  temporalNamespace: z.string(),
  temporalUiUrl: z.string().nullable(),
  databaseUrl: z.string(),
  mailUrl: z.string().nullable(),
  pids: z.object({ supervisor: pid, api: pid, workers: z.array(z.number().int().positive()), temporal: pid, postgres: pid, mail: pid }),
});

export type StackFile = z.output<typeof stackFileSchema>;

const fileOf = (dataFolder: string): string => join(dataFolder, 'stack.json');

/** Replaces the file in one step, so that a reader never sees half of it; only its owner may read the key in it. */
export async function writeStackFile(dataFolder: string, content: StackFile): Promise<void> {
  const unfinished = `${fileOf(dataFolder)}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, fileOf(dataFolder));
}

/** The file of a stack that runs, or that was killed; undefined when there is none that can be read. */
export async function readStackFile(dataFolder: string): Promise<StackFile | undefined> {
  const text = await readFile(fileOf(dataFolder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return stackFileSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export const removeStackFile = (dataFolder: string): Promise<void> => rm(fileOf(dataFolder), { force: true });
