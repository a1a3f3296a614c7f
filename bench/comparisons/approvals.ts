import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Comparison } from '../comparison';
import { HttpClient, type ApiAccess } from '../http-client';
import { atMost, type Measurement } from '../measurement';
import { canWeigh, memoryOf } from '../process-memory';
import { processorTimeOf } from '../processor-time';

const openingAtOnce = 20;

const keySchema = z.object({ key: z.string() });
const approvalSchema = z.object({ id: z.string(), status: z.string() });
const decisionSchema = z.object({ status: z.string() });

/** Takes what is left, so many at a time. */
async function inLanes<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Requests for a decision that wait, and are then decided all at once, over HTTP as approvers do. */
class Decisions {
  private constructor(private readonly requester: HttpClient, private readonly approver: HttpClient, readonly ids: readonly string[]) {}

  static async open(access: ApiAccess, name: string, count: number): Promise<Decisions> {
    const requester = new HttpClient(access, openingAtOnce);
    const { key } = keySchema.parse(await requester.json('/v1/keys', { method: 'POST', body: { subject: { type: 'user', name }, roles: ['approver'] } }));
    const ids: string[] = [];
    await inLanes(Array.from({ length: count }, (_, index) => index), openingAtOnce, async (index) => {
      const body = { title: `Publish ${index}?`, policy: { approvers: { users: [name] } }, deadline: '48h' };
      ids.push(approvalSchema.parse(await requester.json('/v1/approvals', { method: 'POST', body })).id);
    });
    return new Decisions(requester, new HttpClient({ ...access, apiKey: key }, count), ids);
  }

  /** @returns how long each decision took until it was confirmed, in milliseconds, the fastest first */
  async decide(): Promise<number[]> {
    const times = await Promise.all(this.ids.map(async (id) => {
      const asked = performance.now();
      while ((await this.approve(id)) !== 'approved');
      return performance.now() - asked;
    }));
    return times.sort((one, other) => one - other);
  }

  /** The same vote again changes nothing: what was answered by 202 after five seconds is asked for again. */
  private async approve(id: string): Promise<string> {
    const { status } = decisionSchema.parse(await this.approver.json(`/v1/approvals/${id}/decisions`, { method: 'POST', body: { decision: 'approve' } }));
    return status;
  }

  close(): void {
    this.requester.close();
    this.approver.close();
  }
}

interface Weight { memoryMiB: number; /** Of a second. */ processorMs: number }

/** What the stack weighs while nothing is asked of it. */
async function weigh(seconds: number): Promise<Weight> {
  await sleep(seconds * 1_000);
  const began = await processorTimeOf(process.pid);
  await sleep(seconds * 1_000);
  return { processorMs: ((await processorTimeOf(process.pid)) - began) / seconds, memoryMiB: await memoryOf(process.pid) };
}

const warmUp = 20;

/** What waiting costs, and how fast decisions are that come all at once. Nothing hand-coded does the same. */
export const approvals: Comparison = {
  key: 'approvals',
  about: 'requests for a decision: what many open ones cost, and decisions all at once',
  async *measure(bench) {
    const { addresses: { apiUrl, apiKey } } = await bench.sides();
    const { approvals: counts, settleSeconds } = bench.sizes;
    for (const [index, count] of [warmUp, ...counts].entries()) {
      const isMost = count === Math.max(...counts) && canWeigh;
      const idle = isMost && await weigh(settleSeconds);
      const decisions = await Decisions.open({ apiUrl, apiKey }, `approver-${index}`, count);
      if (idle) yield* waiting(count, idle, await weigh(settleSeconds));
      const began = performance.now();
      const times = await decisions.decide();
      const tookS = (performance.now() - began) / 1_000;
      decisions.close();
      if (index === 0) continue;
      yield { name: `decisions, ${count} at once`, unit: 'decisions a second', product: [count / tookS] };
      yield { name: `p99 of a decision, ${count} at once`, unit: 'ms', product: [times[Math.floor(count * 0.99)] ?? NaN], target: atMost(2_000) };
    }
  },
};

function* waiting(count: number, without: Weight, held: Weight): Generator<Measurement> {
  yield { name: `memory that ${count} open requests add`, unit: 'MiB', product: [held.memoryMiB - without.memoryMiB] };
  yield { name: `processor time that ${count} open requests add, of a second`, unit: 'ms', product: [held.processorMs - without.processorMs] };
}
