import { createHash } from 'node:crypto';
import type { Answer, TestApi } from './test-api';

export const secretsKey = createHash('sha256').update('approvals').digest('base64');

/** People with keys, who ask for decisions and make them over the API. */
export class ApprovalPeople {
  private readonly keys = new Map<string, { id: string; key: string }>();

  constructor(private readonly api: TestApi) {}

  async add(name: string, subject: { roles?: string[]; groups?: string[] } = {}): Promise<void> {
    const { body } = await this.api.call('POST', '/v1/keys', { body: { subject: { type: 'user', name }, roles: subject.roles ?? [], groups: subject.groups ?? [] } });
    this.keys.set(name, { id: String(body['id']), key: String(body['key']) });
  }

  keyOf(name: string): string {
    const known = this.keys.get(name);
    if (!known) throw new Error(`${name} has no key`);
    return known.key;
  }

  async takeKeyFrom(name: string): Promise<void> {
    await this.api.call('DELETE', `/v1/keys/${this.keys.get(name)?.id}`);
  }

  as(name: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.api.call(method, path, { key: this.keyOf(name), headers, ...(body !== undefined && { body }) });
  }

  /** Asks for a decision as rita. @returns its id */
  async ask(request: object = {}): Promise<string> {
    const answer = await this.as('rita', 'POST', '/v1/approvals', { title: 'Publish the report', policy: { approvers: { users: ['ann', 'bob'] } }, ...request });
    if (answer.status !== 201) throw new Error(`It was not accepted: ${answer.text}`);
    return String(answer.body['id']);
  }

  act(name: string, id: string, act: string, body: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.as(name, 'POST', `/v1/approvals/${id}/${act}`, body, headers);
  }

  decide(name: string, id: string, decision: string, more: object = {}): Promise<Answer> {
    return this.act(name, id, 'decisions', { decision, ...more });
  }

  show(id: string, name = 'rita', headers: Record<string, string> = {}): Promise<Answer> {
    return this.as(name, 'GET', `/v1/approvals/${id}`, undefined, headers);
  }
}
