import type { Request, Response } from 'express';
import { z } from 'zod';
import { requestLink } from '../../../db/approvals/notice-queue';
import { entitled } from '../../../db/approvals/people';
import { isInvolved } from '../../../domain/approval/rights';
import { errorCodes, type AppError } from '../../../domain/errors';
import type { Reviewer } from '../../../platform/approval-links';
import { v7 as uuidv7 } from 'uuid';
import type { Dependencies } from '../../dependencies';
import { toAppError } from '../../problem';
import { requestState, type RequestState } from '../../request-state';
import { act } from '../act';
import { waitForEntry } from '../wait';
import { lenders } from './answers';
import { decisionPage, type Occasion } from './decision-page';
import type { Sent } from './form-fields';
import { sendMessage, sendPage } from './guard';
import { messages, type Message } from './message-page';
import { doneWords, type DoneWord } from './receipt-html';
import { sceneOf, type Scene } from './scene';
import { askedAct } from './submission';

/** What a link opens, or why it opens nothing. */
type Opened = { reviewer: Reviewer; scene: Scene } | { message: Message; reviewer?: Reviewer };

/** Opens a link: it must be ours, in time, of a request that is there, and of somebody who may still act in it. */
export async function openLink(deps: Dependencies, token: string, seenHash?: string): Promise<Opened> {
  const now = Date.now();
  const reviewer = deps.approvalTokens.open('review', token, now);
  if (!reviewer) {
    const expired = deps.approvalTokens.open('review', token, 0);
    return expired ? { message: messages.expiredLink, reviewer: expired } : { message: messages.unknownLink };
  }
  const scene = await sceneOf(deps.pool, reviewer, seenHash ?? reviewer.evidenceHash, now);
  if (!scene) return { message: messages.goneRequest };
  const { person } = reviewer;
  const mayAct = isInvolved(scene.row.state, person, now) && await entitled(deps.pool, scene.row, person, now);
  return mayAct ? { reviewer, scene } : { message: messages.lostClaim };
}

const isDone = (word: unknown): word is DoneWord => doneWords.some((each) => each === word);

/** The page. It changes nothing: whoever scans links may fetch it as often as they like. */
export async function showDecision(deps: Dependencies, token: string, request: Request, response: Response): Promise<void> {
  const opened = await openLink(deps, token);
  if ('message' in opened) return sendMessage(response, opened.message);
  const word = request.query['done'];
  sendDecision(response, 200, opened.scene, token, { done: isDone(word) ? word : null, sent: {} });
}

const sendDecision = (response: Response, status: number, scene: Scene, token: string, occasion: Occasion): void =>
  sendPage(response, status, decisionPage(scene, occasion, `${placeOf(token, response)}/`));

/** The page as it is addressed from itself: a proxy may have the API below a path of its own. */
const placeOf = (token: string, { req: { path } }: Response): string => (path.endsWith('/') ? '.' : token);

const sentSchema = z.record(z.string(), z.string());

/** What the page's form sends: the only way in which a link does anything. */
export async function takeDecision(deps: Dependencies, token: string, request: Request, response: Response): Promise<void> {
  const { data: sent } = sentSchema.safeParse(request.body ?? {});
  if (!sent) return sendMessage(response, messages.unreadable);
  const opened = await openLink(deps, token, sent['evidenceHash']);
  if (sent['act'] === 'link' && opened.reviewer) return mailNewLink(deps, opened.reviewer, response);
  if ('message' in opened) return sendMessage(response, opened.message);
  try {
    const word = await carryOut(deps, opened.scene, sent, requestState(response));
    response.redirect(303, `${placeOf(token, response)}?done=${word}#receipt`);
  } catch (error) {
    await showProblem(deps, toAppError(error), { token, sent }, response);
  }
}

/** What stands against it may have changed the request: it is shown as it is now, with what was typed. */
async function showProblem(deps: Dependencies, error: AppError, { token, sent }: { token: string; sent: Sent }, response: Response): Promise<void> {
  const status = errorCodes[error.code];
  if (status >= 500) requestState(response).log.error('a decision could not be carried out', { error: error.cause ?? error });
  const again = await openLink(deps, token, sent['evidenceHash']);
  if ('message' in again) return sendMessage(response, again.message);
  sendDecision(response, status, again.scene, token, { problem: error.message, done: null, sent });
}

/** @throws AppError as `act` does */
async function carryOut(deps: Dependencies, { row, reviewer }: Scene, sent: Sent, { address, id: requestId }: RequestState): Promise<DoneWord> {
  const asked = askedAct(sent, row.state.form, sent['evidenceHash'] ?? reviewer.evidenceHash, lenders(row.state, reviewer.person, Date.now()));
  const { approval: approvalId, person, channel } = reviewer;
  const answer = await act(deps, { ...asked, approvalId, person, operator: false, channel, address: address ?? null, origin: { keyId: null, requestId } });
  if (!answer.confirmed) return 'pending';
  // So that the receipt shows what has just been done.
  await waitForEntry(deps, approvalId, answer.result.seq);
  if (!answer.result.changed) return 'again';
  return asked.name === 'decide' || asked.name === 'requestChanges' ? 'counted' : 'told';
}

/** The link was ours once: whoever has it may have a new one sent to the person that it was for, and to nobody else. */
async function mailNewLink(deps: Dependencies, { approval, person }: Reviewer, response: Response): Promise<void> {
  await requestLink(deps.pool, uuidv7(), approval, person);
  sendMessage(response, messages.linkSent);
}
