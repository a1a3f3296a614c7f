import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ArtifactRef } from '../../domain/artifact';
import { AppError } from '../../domain/errors';
import { defineProcessor, type ProcessorContext } from '../processor';
import { boundedBytes } from './bounded-body';
import { fillTemplate, htmlEscape, noEscape } from './mail-template';
import { atMostOne } from './shapes';
import { artifactRefSchema } from './sources';

/** A line break would let a value add headers of its own. */
const line = z.string().regex(/^[^\r\n\0]*$/, { error: 'a header takes one line' });
const address = line.min(3).max(320);
const addresses = z.union([address, z.array(address).min(1).max(100)]);

const input = atMostOne(z.strictObject({
  to: addresses.describe('Recipient or recipients: a@example.org or Ann <a@example.org>'),
  cc: addresses.optional().describe('Recipients of copies'),
  bcc: addresses.optional().describe('Recipients that the others do not see'),
  from: address.optional().describe('Sender; the one that the operator has set when left out'),
  replyTo: address.optional().describe('Where answers go'),
  subject: line.min(1).max(998).describe('Subject'),
  text: z.string().optional().describe('Plain text'),
  html: z.string().optional().describe('HTML'),
  htmlFrom: artifactRefSchema.optional().describe('Artifact whose content is the HTML, a report say'),
  data: z.record(z.string(), z.unknown()).optional()
    .describe('Makes templates of `subject`, `text`, `html` and `htmlFrom`: {{name}} is a value of `data`, {{#rows}}…{{/rows}} is repeated for each item of a list. In HTML, values are escaped'),
  attachments: z.array(artifactRefSchema).max(20).default([]).describe('Artifacts that are attached'),
}), ['html', 'htmlFrom']);

const output = z.object({
  messageId: z.string(),
  accepted: z.array(z.string()),
  rejected: z.array(z.string()).describe('Recipients that the server refused while it took others'),
});

type Input = z.output<typeof input>;

const htmlBytes = 5 * 1024 ** 2;
/** What common servers take; base64 adds a third. */
const attachmentBytes = 20 * 1024 ** 2;

export const emailSend = defineProcessor({
  name: 'email.send',
  title: 'Mail',
  description: 'Sends a mail over the SMTP server of the installation. Its Message-ID is the same in every attempt, so that a mail sent twice after a lost answer is recognised as one. A permanent refusal (5xx) is not retried, anything else is.',
  version: '1.0.0',
  input,
  output,
  process: async (context, mail) => {
    const { data } = mail;
    const filled = (text: string): string => (data === undefined ? text : fillTemplate(text, data, noEscape));
    const html = await htmlOf(context, mail);
    const messageId = messageIdOf(context.idempotencyKey);
    const receipt = await context.mailer.send({
      ...(mail.from !== undefined && { from: mail.from }),
      ...(mail.replyTo !== undefined && { replyTo: mail.replyTo }),
      to: [mail.to].flat(), cc: [mail.cc ?? []].flat(), bcc: [mail.bcc ?? []].flat(),
      subject: subjectOf(filled(mail.subject)), messageId,
      ...(mail.text !== undefined && { text: filled(mail.text) }),
      ...(html !== undefined && { html: data === undefined ? html : fillTemplate(html, data, htmlEscape) }),
      attachments: await attachmentsOf(context, mail.attachments),
    }, context.signal);
    if (receipt.rejected.length > 0) context.logger.warn('the mail server refused some recipients', { rejected: receipt.rejected });
    return { messageId, accepted: receipt.accepted, rejected: receipt.rejected };
  },
});

const messageIdOf = (idempotencyKey: string): string =>
  `<${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 40)}@datamcp>`;

/** A value that was filled in may hold a line break, which would let it add headers. @throws AppError `input_invalid` */
function subjectOf(text: string): string {
  const parsed = line.min(1).max(998).safeParse(text);
  if (!parsed.success) throw new AppError('input_invalid', `/subject: with its values filled in, ${parsed.error.issues[0]?.message ?? 'it does not fit'}`);
  return parsed.data;
}

async function htmlOf(context: ProcessorContext, { html, htmlFrom }: Input): Promise<string | undefined> {
  if (htmlFrom === undefined) return html;
  const { bytes, complete } = await boundedBytes(await context.artifacts.open(htmlFrom, context.signal), htmlBytes);
  if (!complete) throw new AppError('input_too_large', `${htmlFrom.name} is larger than ${htmlBytes} bytes: attach it instead`);
  return bytes.toString('utf8');
}

async function attachmentsOf(context: ProcessorContext, refs: ArtifactRef[]) {
  const found = await Promise.all(refs.map((ref) => context.artifacts.find(ref)));
  if (found.reduce((sum, { bytes }) => sum + bytes, 0) > attachmentBytes) {
    throw new AppError('input_too_large', `the attachments are larger than ${attachmentBytes} bytes: link to them instead`);
  }
  return Promise.all(refs.map(async (ref, index) => ({
    name: found[index]?.name ?? ref.name,
    contentType: found[index]?.contentType ?? ref.contentType,
    content: await context.artifacts.open(ref, context.signal),
  })));
}
