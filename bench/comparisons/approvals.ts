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

interface Pace { perSecond: number; p99Ms: number }

/** Decides all of them at once; each takes until it is confirmed. */
async function allAtOnce<T>(requests: readonly T[], decide: (request: T) => Promise<void>): Promise<Pace> {
  const began = performance.now();
  const times = await Promise.all(requests.map(async (request) => {
    await decide(request);
    return performance.now() - began;
  }));
  const sorted = times.sort((one, other) => one - other);
  return { perSecond: times.length / ((sorted.at(-1) ?? NaN) / 1_000), p99Ms: sorted[Math.floor(times.length * 0.99)] ?? NaN };
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

  decide(): Promise<Pace> {
    return allAtOnce(this.ids, (id) => this.approve(id));
  }

  /** What is not confirmed within five seconds (202) is carried out all the same: then it is waited for. */
  private async approve(id: string): Promise<void> {
    let answer = await this.approver.json(`/v1/approvals/${id}/decisions`, { method: 'POST', body: { decision: 'approve' } });
    while (decisionSchema.parse(answer).status !== 'approved') answer = await this.approver.json(`/v1/approvals/${id}`, { waitSeconds: 120 });
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
const deadlineMs = 48 * 3_600_000;

/** What waiting costs, and how fast decisions are that come all at once; hand-coded, they are an update and nothing else. */
export const approvals: Comparison = {
  key: 'approvals',
  about: 'requests for a decision: what many open ones cost, and decisions all at once',
  async *measure(bench) {
    const { addresses: { apiUrl, apiKey }, plain } = await bench.sides();
    const { approvals: counts, settleSeconds } = bench.sizes;
    for (const [index, count] of [warmUp, ...counts].entries()) {
      const isMost = count === Math.max(...counts) && canWeigh;
      const idle = isMost && await weigh(settleSeconds);
      const decisions = await Decisions.open({ apiUrl, apiKey }, `approver-${index}`, count);
      if (idle) yield* waiting(count, idle, await weigh(settleSeconds));
      const ours = await decisions.decide();
      decisions.close();
      const requests = await plain.openDecisions(count, deadlineMs, openingAtOnce);
      const theirs = await allAtOnce(requests, (request) => plain.decide(request));
      if (index === 0) continue;
      yield { name: `decisions, ${count} at once`, unit: 'decisions a second', product: [ours.perSecond], plain: [theirs.perSecond] };
      yield { name: `p99 of a decision, ${count} at once`, unit: 'ms', product: [ours.p99Ms], plain: [theirs.p99Ms], target: atMost(2_000) };
    }
  },
};

function* waiting(count: number, without: Weight, held: Weight): Generator<Measurement> {
  yield { name: `memory that ${count} open requests add`, unit: 'MiB', product: [held.memoryMiB - without.memoryMiB] };
  yield { name: `processor time that ${count} open requests add, of a second`, unit: 'ms', product: [held.processorMs - without.processorMs] };
}
