import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Pool } from '../../platform/postgres';
import { MailCatcher } from '../processors/mail-catcher';
import { Target } from '../processors/http-target';

/** Long enough for a process to die between what it did and the word that it was done. */
const answerMs = 50;

/** What reached the other side, by run: keys of idempotency and ids of mails as often as they came. */
export interface Arrived {
  rows: Map<string, number>;
  posts: Map<string, string[]>;
  mails: Map<string, string[]>;
}

/** The pipeline whose effects are counted: a row, a POST and a mail, beside tasks of the other kinds. */
const effects = (target: string): string => `
name: effects
inputs: { nap: { type: integer, default: 50 } }
defaults: { timeout: 2m, retry: { maxAttempts: 8, initialInterval: 200ms, maxInterval: 5s } }
tasks:
  - { id: begin, uses: core.log, with: { message: begun } }
  - { id: row, needs: [begin], uses: sql.query, with: { connection: warehouse, sql: "insert into landed select $1 from pg_sleep(${answerMs / 1_000})", params: ["\${{ run.id }}"] } }
  - { id: nap, needs: [begin], uses: core.sleep, with: { milliseconds: "\${{ inputs.nap }}" } }
  - { id: timer, needs: [begin], uses: core.wait, with: { duration: 100ms } }
  - { id: each, needs: [begin], forEach: { in: [1, 2, 3], as: item }, uses: core.sleep, with: { milliseconds: 10 } }
  - { id: post, needs: [nap], uses: http.request, with: { method: POST, url: "${target}/\${{ run.id }}" } }
  - { id: mail, needs: [nap], uses: email.send, with: { to: team@example.org, subject: "\${{ run.id }}", text: done } }
  - { id: end, needs: [row, timer, each, post, mail], uses: core.noop }
`;

/** The other side of every effect: a table, a server that is posted to, and one that is sent mails. It is never disturbed itself. */
export class FarEnd {
  private constructor(private readonly target: Target, private readonly catcher: MailCatcher) {}

  static async listen(): Promise<FarEnd> {
    const answer = (response: { end(text: string): void }) => { void sleep(answerMs).then(() => response.end('{}')); };
    return new FarEnd(await Target.listen((_path, response) => answer(response)), await MailCatcher.listen());
  }

  /** Of processes that shall reach it. */
  get environment(): Record<string, string> {
    return { SMTP_URL: this.catcher.url, DATAMCP_OUTBOUND_ALLOW: '127.0.0.0/8' };
  }

  get definition(): string {
    return effects(this.target.url);
  }

  /** Without a unique key: what comes twice is there twice. */
  static readonly table = 'create table landed (run text not null)';

  async arrived(pool: Pool): Promise<Arrived> {
    const { rows } = await pool.query<{ run: string; count: number }>('select run, count(*) from landed group by run');
    return {
      rows: new Map(rows.map(({ run, count }) => [run, count])),
      posts: grouped(this.target.calls.map(({ path, headers }) => [path.slice(1), String(headers['idempotency-key'])])),
      mails: grouped(this.catcher.mails.map(({ mail }) => [z.string().parse(mail.subject), z.string().parse(mail.messageId)])),
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.target.close(), this.catcher.close()]);
  }
}

function grouped(pairs: [string, string][]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}
