import { randomUUID } from 'node:crypto';
import { open, readdir, readFile, rename, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { z } from 'zod';

const receivedSchema = z.object({
  receivedAt: z.string(),
  /** Addresses of the SMTP envelope: who really gets it, blind copies too. */
  envelope: z.object({ from: z.string(), to: z.array(z.string()) }),
});

export interface StoredMail extends z.output<typeof receivedSchema> {
  id: string;
  mail: Email;
}

const idPattern = /^\d{17}-[0-9a-f-]{36}$/;

/** Caught mails as files, one pair each: the message as it came (`.eml`) and its envelope (`.json`). */
export class MailStore {
  constructor(private readonly folder: string) {}

  async open(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
  }

  /** Resolves when the mail is on disk: only then may its sender be told that it was accepted. */
  async add(raw: Buffer, envelope: StoredMail['envelope'], receivedAt: Date): Promise<string> {
    const id = `${receivedAt.toISOString().replace(/\D/g, '')}-${randomUUID()}`;
    await this.write(`${id}.eml`, raw);
    // The envelope comes last: a mail without one was not accepted and is not listed.
    await this.write(`${id}.json`, Buffer.from(JSON.stringify({ envelope, receivedAt: receivedAt.toISOString() })));
    return id;
  }

  private async write(name: string, content: Buffer): Promise<void> {
    const unfinished = join(this.folder, `${name}.unfinished`);
    const file = await open(unfinished, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, join(this.folder, name));
  }

  /** Newest first. */
  async list(limit: number): Promise<StoredMail[]> {
    const ids = (await readdir(this.folder)).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
    const newest = ids.filter((id) => idPattern.test(id)).sort().reverse().slice(0, limit);
    const mails = await Promise.all(newest.map((id) => this.find(id)));
    return mails.filter((mail) => mail !== undefined);
  }

  async find(id: string): Promise<StoredMail | undefined> {
    const raw = await this.raw(id);
    if (!raw) return undefined;
    const facts = receivedSchema.parse(JSON.parse(await readFile(join(this.folder, `${id}.json`), 'utf8')));
    return { id, ...facts, mail: await PostalMime.parse(raw) };
  }

  /** The message as it came; undefined when there is none of that id. */
  async raw(id: string): Promise<Buffer | undefined> {
    // The id comes from an address: anything else could name a file elsewhere.
    if (!idPattern.test(id)) return undefined;
    return readFile(join(this.folder, `${id}.eml`)).catch(() => undefined);
  }
}
