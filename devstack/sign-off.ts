import { relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isFinalRun, runStatuses } from '../domain/pipeline/status';
import { say } from './console';
import { findRun } from './demo';
import { commandFor, type Folders } from './folders';
import { eventually } from './processes';
import { reviewer, reviewerKeyFile } from './reviewer';
import type { StackLinks } from './stack';

const approvalPage = z.object({ items: z.array(z.object({ id: z.string(), title: z.string(), task: z.string().nullable(), run: z.string().nullable(), evidenceHash: z.string(), createdAt: z.string() })) });
type Approval = z.output<typeof approvalPage>['items'][number];
const credential = z.object({ command: z.string() });
const runShape = z.object({ status: z.enum(runStatuses), error: z.object({ message: z.string() }).nullable() });
const mailPage = z.object({ items: z.array(z.object({ id: z.string(), receivedAt: z.string(), to: z.array(z.string()), subject: z.string() })) });

const lookEveryMs = 300;
/** A mail is sent within moments. */
const mailPatienceMs = 5_000;

/** Calls the API as the second identity. */
const asReviewer = ({ apiUrl, approverKey }: StackLinks, path: string, body?: object): Promise<Response> => fetch(`${apiUrl}${path}`, {
  headers: { authorization: `Bearer ${approverKey ?? ''}`, ...(body && { 'content-type': 'application/json' }) },
  ...(body && { method: 'POST', body: JSON.stringify(body) }),
});

/** What the example run asks the second identity; undefined when it asks nothing now. */
async function findRequest(links: StackLinks): Promise<Approval | undefined> {
  const run = await findRun(links, '&status=running,waiting,paused');
  if (!run) return undefined;
  const response = await asReviewer(links, `/v1/approvals?awaiting=me&run=${run.id}`);
  return response.ok ? approvalPage.parse(await response.json()).items[0] : undefined;
}

/** Decides what the example run asks, as the second identity, until the signal. */
export async function signOffByItself(links: StackLinks, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const request = await findRequest(links).catch(() => undefined);
    if (request) await asReviewer(links, `/v1/approvals/${request.id}/decisions`, { decision: 'approve', comment: 'Approved by npm start -- --once', evidenceHash: request.evidenceHash }).catch(() => undefined);
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

/** The ways in which a person decides what the example run asks. @returns the run; undefined when it asks nothing */
export async function showHowToDecide(folders: Folders, links: StackLinks): Promise<string | undefined> {
  const request = await findRequest(links);
  if (!request) return undefined;
  const command = credential.parse(await (await asReviewer(links, `/v1/approvals/${request.id}/credential`, {})).json()).command;
  const keyFile = reviewerKeyFile(folders);
  const decide = (how: 'approve' | 'reject'): string =>
    commandFor(folders, `npx datamcp approvals ${how} ${request.id} --key-file ${folders.home === folders.root ? relative(folders.root, keyFile) : `'${keyFile}'`}`);
  say('');
  say(`  ${request.task ?? 'The run'} asks the identity "${reviewer.name}": ${request.title} Decide as you like:`);
  say(`    mail        ${await mailOf(links, request)}`);
  say(`    command     ${decide('approve')}`);
  say(`                ${decide('reject')} --comment 'not yet'`);
  say('    Temporal    within 15 minutes:');
  say(`                ${command.replace(/^temporal /, `${links.temporalProgram} `)}`);
  return request.run ?? undefined;
}

/** The mail with the link "Review", where it was caught. */
async function mailOf({ mailUrl }: StackLinks, { title, createdAt }: Approval): Promise<string> {
  if (mailUrl === null) return `the link "Review" in the mail to ${reviewer.email}`;
  const caught = await eventually(async () => {
    const { items } = mailPage.parse(await (await fetch(`${mailUrl}/api/mails`)).json());
    return items.find(({ to, subject, receivedAt }) => to.includes(reviewer.email) && subject.includes(title) && Date.parse(receivedAt) >= Date.parse(createdAt));
  }, mailPatienceMs);
  return caught ? `${mailUrl}/mails/${caught.id}   (its link "Review")` : `${mailUrl}   (the link "Review" in the mail to ${reviewer.email})`;
}

/** Says how a run ended that people were asked about. */
export async function tellEnd({ apiUrl, apiKey }: StackLinks, runId: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const response = await fetch(`${apiUrl}/v1/runs/${runId}`, { headers: { authorization: `Bearer ${apiKey}`, prefer: 'wait=30' }, signal }).catch(() => undefined);
    const run = response?.ok ? runShape.parse(await response.json()) : undefined;
    if (run && isFinalRun(run.status)) return say(`\nThe run ${runId} ${run.status.replace('_', ' ')}${run.error ? `: ${run.error.message}` : ''}.`);
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
