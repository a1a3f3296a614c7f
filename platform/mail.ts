import type { Readable } from 'node:stream';
import { isNativeError } from 'node:util/types';
import parseAddresses from 'nodemailer/lib/addressparser';
import { AppError, errorMessage } from '../domain/errors';
import type { Config } from './config';

export interface Mail {
  from?: string;
  to: string[];
  cc?: string[];
  bcc?: string[];
  replyTo?: string;
  subject: string;
  text?: string;
  html?: string;
  attachments?: { name: string; contentType: string; content: Readable }[];
  /** With its angle brackets: the same mail sent again bears the same id, so that the far end can tell. */
  messageId: string;
  /** Message-ID of the mail whose thread this one belongs to. */
  inThread?: string;
  /** Marks what a program wrote by itself, so that no absence answers it (RFC 3834). */
  automatic?: boolean;
}

export interface MailReceipt {
  accepted: string[];
  /** Recipients that the server refused while it took others. */
  rejected: string[];
  /** What the server said last. */
  response: string;
}

const timeOutMs = 30_000;

/** Sends mail over the SMTP server of `SMTP_URL`. */
export class Mailer {
  constructor(private readonly config: Pick<Config, 'SMTP_URL' | 'DATAMCP_MAIL_FROM'>) {}

  /**
   * Hands a mail to the server, over a connection of its own. An aborted signal ends the connection; whether the server
   * took the mail is then unknown.
   * @throws AppError `connection_unknown` (no SMTP_URL), `input_invalid` (what is not one address), `mail_rejected` (5xx), `mail_failed` (4xx and network, retryable); `signal.reason`
   */
  async send(mail: Mail, signal: AbortSignal): Promise<MailReceipt> {
    const transport = await transportTo(this.config.SMTP_URL, timeOutMs);
    for (const address of [mail.from ?? [], mail.replyTo ?? [], mail.to, mail.cc ?? [], mail.bcc ?? []].flat()) checkAddress(address);
    signal.throwIfAborted();
    const { attachments = [], from = this.config.DATAMCP_MAIL_FROM, inThread, automatic = false, ...rest } = mail;
    try {
      const sent = await transport.sendMail({
        ...rest, from, signal,
        ...(inThread !== undefined && { inReplyTo: inThread, references: [inThread] }),
        ...(automatic && { headers: { 'Auto-Submitted': 'auto-generated' } }),
        attachments: attachments.map(({ name, contentType, content }) => ({ filename: name, contentType, content })),
        // What a pipeline writes into a mail never makes this process read a file or an address.
        disableFileAccess: true, disableUrlAccess: true,
      });
      return { accepted: sent.accepted.map(addressText), rejected: sent.rejected.map(addressText), response: sent.response };
    } catch (error) {
      signal.throwIfAborted();
      throw failure(error);
    } finally {
      for (const { content } of attachments) content.destroy();
    }
  }

  /**
   * Connects to the server and says who we are, without a mail.
   * @throws AppError as `send`
   */
  async check(timeoutMs: number): Promise<void> {
    const transport = await transportTo(this.config.SMTP_URL, timeoutMs);
    try {
      await transport.verify();
    } catch (error) {
      throw new AppError('mail_failed', `the mail server cannot be used: ${errorMessage(error)}`, { retryable: true, cause: error });
    } finally {
      transport.close();
    }
  }
}

/** The library is loaded with the first mail: a process that sends none pays neither its memory nor its time. */
async function transportTo(url: string | undefined, timeoutMs: number) {
  if (url === undefined) throw new AppError('connection_unknown', 'no mail server is configured; an operator sets SMTP_URL');
  const { createTransport } = await import('nodemailer');
  return createTransport({ url, connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, socketCloseTimeout: 0 });
}

/** One address each: a value with a comma in it must not reach people whom nobody meant. */
function checkAddress(text: string): void {
  const [mailbox, ...more] = parseAddresses(text);
  if (more.length > 0 || !mailbox?.address || !/^[^@\s]+@[^@\s]+$/.test(mailbox.address)) {
    throw new AppError('input_invalid', `"${text}" is not one mail address`);
  }
}

const addressText = (address: string | { address: string }): string => (typeof address === 'string' ? address : address.address);

/** RFC 5321, section 4.2.1: 4yz is transient, 5yz is permanent. Without a status the server was not reached or went away. */
function failure(error: unknown): AppError {
  const reason = isNativeError(error) ? error : new Error(String(error));
  const status = 'responseCode' in reason && typeof reason.responseCode === 'number' ? reason.responseCode : undefined;
  const details = status === undefined ? undefined : { status };
  if (status !== undefined && status >= 500) {
    return new AppError('mail_rejected', `the mail server refused: ${reason.message}`, { details, cause: error });
  }
  return new AppError('mail_failed', `the mail could not be handed over: ${reason.message}`, { retryable: true, details, cause: error });
}
