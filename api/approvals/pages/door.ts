import type { Request, Response } from 'express';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { concerns } from '../../../db/approvals/approval-queries';
import { knownPerson } from '../../../db/approvals/known-person';
import { requestLink } from '../../../db/approvals/notice-queue';
import { html } from '../../../platform/html';
import type { Dependencies } from '../../dependencies';
import { sendMessage } from './guard';
import { messages, type Message } from './message-page';

const asking: Message = {
  status: 200, title: 'Review a request',
  words: ['This address is for everybody; deciding takes a link of your own. It is sent to your mail address if the request concerns you.'],
  form: html`<form method="post" action=""><div class="field"><label for="who">Your name or mail address</label><input id="who" name="who" autocomplete="username" required></div><button class="main">Mail me my link</button></form>`,
};

export const showDoor = (response: Response): void => sendMessage(response, asking);

/** The answer is the same for everybody: it does not tell who is known here, or what the request is. */
export async function knock(deps: Dependencies, approvalId: string, request: Request, response: Response): Promise<void> {
  const body: unknown = request.body;
  const who = typeof body === 'object' && body !== null && 'who' in body && typeof body.who === 'string' ? body.who.trim() : '';
  const person = isUuid(approvalId) && who !== '' ? await knownPerson(deps.pool, who) : null;
  if (person !== null && await concerns(deps.pool, approvalId, person)) await requestLink(deps.pool, uuidv7(), approvalId, person);
  sendMessage(response, messages.linkSent);
}
