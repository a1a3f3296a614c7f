import { get } from 'node:http';
import { text } from 'node:stream/consumers';

export interface ProbeAnswer {
  /** Whether its status is 2xx. */
  ok: boolean;
  text: string;
}

/**
 * Asks a process of ours how it is; undefined when it does not answer within `timeoutMs`. Not by `fetch`: the
 * supervisor would keep the fifteen megabytes that this takes for as long as the stack is up.
 */
export function probe(url: string, timeoutMs: number): Promise<ProbeAnswer | undefined> {
  return new Promise((resolve) => {
    get(url, { agent: false, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      const { statusCode = 0 } = response;
      text(response).then((said) => resolve({ ok: statusCode >= 200 && statusCode < 300, text: said }), () => resolve(undefined));
    }).on('error', () => resolve(undefined));
  });
}
