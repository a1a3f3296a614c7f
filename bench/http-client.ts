import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  status: number;
  text: string;
}

export interface Question {
  method?: 'GET' | 'PUT' | 'POST';
  body?: object;
  /** For how long the answer may wait for the end of a run (`Prefer: wait`). */
  waitSeconds?: number;
}

/** An address of the API with a key for it. */
export interface ApiAccess {
  apiUrl: string;
  apiKey: string;
}

/**
 * HTTP over kept connections with little else: the benchmark shares its cores with what it measures, and `fetch` costs
 * several times as much a call.
 */
export class HttpClient {
  private readonly agent: Agent;

  constructor(private readonly access: ApiAccess, connections: number) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws Error when the connection fails; an answer of any status is an answer */
  async call(path: string, { method = 'GET', body, waitSeconds = 0 }: Question = {}): Promise<Answer> {
    const payload = body && JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${this.access.apiKey}`,
      ...(payload !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      ...(waitSeconds > 0 && { prefer: `wait=${waitSeconds}` }),
    };
    const { agent } = this;
    return new Promise((resolve, reject) => {
      request(this.access.apiUrl + path, { agent, method, headers }, (response) => {
        text(response).then((content) => resolve({ status: response.statusCode ?? 0, text: content }), reject);
      }).once('error', reject).end(payload);
    });
  }

  /** The parsed answer. @throws Error with the answer when its status is no success */
  async json(path: string, question: Question = {}): Promise<unknown> {
    const answer = await this.call(path, question);
    if (answer.status < 200 || answer.status > 299) throw new Error(`${question.method ?? 'GET'} ${path}: ${answer.status} ${answer.text.slice(0, 1_000)}`);
    return JSON.parse(answer.text);
  }

  close(): void {
    this.agent.destroy();
  }
}
