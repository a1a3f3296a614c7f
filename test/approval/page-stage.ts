import { randomBytes } from 'node:crypto';
import type { EvidenceItem } from '../../domain/approval/evidence-schema';
import { ApprovalLinks } from '../../platform/approval-links';
import { TestApi } from '../api/test-api';
import { startTestWorker } from '../harness/worker';
import { evidence, storePerson } from './stored-approval';

export interface Visit {
  status: number;
  page: string;
  headers: Headers;
}

/** The pages as a browser without scripts sees them: the whole API, a worker, and people with keys. */
export class PageStage {
  private constructor(readonly api: TestApi, private readonly stopWorker: () => Promise<void>, readonly keys: Map<string, string>) {}

  static async open(overrides: Record<string, string> = {}): Promise<PageStage> {
    const api = await TestApi.start({ DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64'), ...overrides });
    const { config, pool, temporal } = api.deps;
    const stopWorker = await startTestWorker(config, pool, temporal);
    const keys = new Map<string, string>();
    for (const name of ['ann', 'bob', 'carl', 'rita']) keys.set(name, await storePerson(pool, name, `${name}@example.org`));
    await pool.query(`update keys set roles = '{trigger,viewer}' where subject_name = 'rita'`);
    return new PageStage(api, stopWorker, keys);
  }

  async close(): Promise<void> {
    await this.stopWorker();
    await this.api.close();
  }

  /** A request by rita, which two of ann, bob and carl decide. @returns its id */
  async ask(more: Record<string, unknown> = {}, items: EvidenceItem[] = evidence): Promise<string> {
    const body = {
      title: 'Publish the report of late flights?', description: 'The **daily** report.', risk: 'medium', deadline: '48h', evidence: items,
      policy: { approvers: { groups: ['managers'] }, quorum: 2 }, ...more,
    };
    const { status, body: made, text } = await this.as('rita', 'POST', '/v1/approvals', body);
    if (status !== 201 || typeof made['id'] !== 'string') throw new Error(text);
    return made['id'];
  }

  as(person: string, method: string, path: string, body?: unknown) {
    return this.api.call(method, path, { key: this.keys.get(person) ?? '', ...(body !== undefined && { body }) });
  }

  /** Path of the page of one request for one person. @param channel where the link was found */
  async link(id: string, person: string, channel: 'mail' | 'inbox' = 'mail', now = Date.now()): Promise<string> {
    const { rows: [row] } = await this.api.database.pool.query<{ hash: string }>('select evidence_hash as hash from approvals where id = $1', [id]);
    const links = new ApprovalLinks(this.api.deps.config, this.api.deps.approvalTokens);
    return new URL(links.review({ approval: id, person, evidenceHash: row?.hash ?? '', channel }, now)).pathname;
  }

  async get(path: string, method = 'GET'): Promise<Visit> {
    return visitOf(await fetch(`${this.api.url}${path}`, { method, redirect: 'manual' }));
  }

  /** Sends the page's form as a browser would: with what is hidden in it, and `fields`. */
  async send(path: string, fields: Record<string, string>, headers: Record<string, string> = { 'sec-fetch-site': 'same-origin', origin: 'null' }): Promise<Visit> {
    const { page } = await this.get(path);
    const hash = /name="evidenceHash" value="(\w+)"/.exec(page)?.[1];
    return this.post(path, { act: 'answer', ...(hash !== undefined && { evidenceHash: hash }), ...fields }, headers);
  }

  /** @returns the page that it leads to */
  async post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Visit> {
    const response = await fetch(`${this.api.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status !== 303 || location === null) return visitOf(response);
    const { pathname, search } = new URL(location, `${this.api.url}${path}`);
    return this.get(pathname + search);
  }
}

const visitOf = async (response: Response): Promise<Visit> => ({ status: response.status, page: await response.text(), headers: response.headers });
