import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Folders } from './folders';

/** The second identity of the stack, because whoever asks for a decision may not decide it. */
export const reviewer = { name: 'reviewer', email: 'reviewer@example.org' };
const roles = ['data-owner', 'viewer'];

export const reviewerKeyFile = (folders: Folders): string => join(folders.data, 'reviewer-key');

const createdKey = z.object({ key: z.string() });

/**
 * The key of the second identity: made once, so that it outlives a restart, and again for a database that does not know it.
 * @throws Error when the API refuses to make it
 */
export async function reviewerKey(folders: Folders, apiUrl: string, adminKey: string): Promise<string> {
  const file = reviewerKeyFile(folders);
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept !== '' && (await fetch(`${apiUrl}/v1/me`, { headers: { authorization: `Bearer ${kept}` } })).ok) return kept;
  const response = await fetch(`${apiUrl}/v1/keys`, {
    method: 'POST', headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject: { type: 'user', ...reviewer }, roles }),
  });
  if (!response.ok) throw new Error(`The key of the reviewer could not be made: ${await response.text()}`);
  const { key } = createdKey.parse(await response.json());
  await writeFile(file, key, { mode: 0o600 });
  return key;
}
