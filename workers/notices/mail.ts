import type { DueNotice } from '../../db/approvals/notice-queue';
import { AppError } from '../../domain/errors';
import type { ApprovalLinks } from '../../platform/approval-links';
import type { Mail } from '../../platform/mail';
import { htmlBody, textBody, type Letter } from './mail-body';
import { deadlineText, storyOf } from './story';

/** So much of a description stands in a mail; the page has all of it. */
const descriptionCharacters = 1_500;
/** A header takes one line; longer ones are cut by mail programs anyway. */
const subjectCharacters = 200;

/**
 * The mail that tells a person of one event. Written anew with each attempt, so that its link is fresh; its Message-ID
 * stays the same.
 * @throws AppError `input_invalid` (no mail address), `key_missing` (no link can be sealed)
 */
export function mailOf(notice: DueNotice, links: ApprovalLinks, now: number): Mail {
  const { email, id, first, kind, person, approval } = notice;
  if (email === null) throw new AppError('input_invalid', `${person} has no key with a mail address that can be used`);
  const letter = letterOf(notice, links, now);
  return {
    to: [email],
    subject: `${letter.headline}: ${approval.title}`.replaceAll(/\s+/g, ' ').slice(0, subjectCharacters),
    text: textBody(letter), html: htmlBody(letter),
    messageId: messageId(id), automatic: true,
    ...(first !== null && first !== id && kind !== 'link' && { inThread: messageId(first) }),
  };
}

const messageId = (noticeId: string): string => `<${noticeId}@datamcp>`;

function letterOf(notice: DueNotice, links: ApprovalLinks, now: number): Letter {
  const { person, approval: { id, title, requester, request, state, standing } } = notice;
  return {
    ...storyOf(notice, now),
    title, requester, standing, person,
    risk: request.risk ?? null,
    deadline: deadlineText(state),
    description: request.description === undefined ? null : cut(request.description),
    review: links.review({ approval: id, person, evidenceHash: state.evidence.hash, channel: 'mail' }, now),
    inbox: links.inbox(person, now),
  };
}

const cut = (text: string): string => (text.length <= descriptionCharacters ? text : `${text.slice(0, descriptionCharacters).trimEnd()} …`);
