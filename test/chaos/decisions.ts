import { z } from 'zod';
import type { Answer, SteadyClient } from '../deploy/steady-client';
import { enough, type Figures } from './scenario';
import type { World } from './world';

/** A request, with what those were told who made it and who decided it. */
export interface Told {
  title: string;
  id: string;
  /** Status of the answer to its requester. */
  asked: number;
  answers: Answer[];
}

interface Kept { id: string; status: string; decided: number; voted: number }

const settleMs = 120_000;
/** Its requester, and whoever decided it. */
const mailsOfOutcome = 2;
const subjects: ReadonlyMap<string, string> = new Map([['approved', 'Approved'], ['rejected', 'Rejected']]);

/** Compares what people were told of their requests with the record, and with the mails at the far end. */
export async function reckonDecisions(world: World, clients: SteadyClient[], told: Told[], notes: Figures['notes']): Promise<Figures> {
  const kept = await keptOf(world, told.length);
  const { mails } = await world.farEnd.arrived(world.stage.pool);
  const sum = (of: (client: SteadyClient) => number): number => clients.reduce((total, client) => total + of(client), 0);
  const [all, failed] = [sum(({ calls }) => calls), sum((client) => client.failed)];
  const known = told.flatMap(({ id }) => kept.get(id) ?? []);
  const ids = [...mails.values()];
  return {
    operations: { all, firstTry: sum(({ firstTry }) => firstTry), withRetry: all - failed },
    runs: { acknowledged: told.length, succeeded: known.filter(({ status }) => subjects.has(status)).length, endedOnce: known.filter(({ decided }) => decided === 1).length },
    effects: { rows: 0, posts: 0, repeatedPosts: 0, mails: ids.reduce((total, each) => total + new Set(each).size, 0), repeatedMails: ids.reduce((total, each) => total + each.length - new Set(each).size, 0) },
    notes: { ...notes, laterConfirmed: told.flatMap(({ answers }) => answers.filter(({ status }) => status === 202)).length },
    breaches: [
      ...enough('operations', all - failed, all),
      ...(kept.size === told.length ? [] : [`${told.length} keys gave ${kept.size} requests`]),
      ...told.flatMap((one) => breachesOf(one, kept.get(one.id), mails)),
    ],
  };
}

function breachesOf({ title, asked, answers }: Told, kept: Kept | undefined, mails: Map<string, string[]>): string[] {
  if (asked !== 201) return [`${title} was answered ${asked}`];
  if (!kept) return [`${title} was accepted, and is lost`];
  const { status, decided, voted } = kept;
  const idsOf = (outcome: string): number => new Set(mails.get(`${outcome}: ${title}`)).size;
  return [
    ...(decided === 1 && voted === 1 ? [] : [`${title} has ${voted} votes, and was decided ${decided} times`]),
    ...answers.flatMap((answer) => (isTrue(answer, status) ? [] : [`${title} is ${status}, and somebody was told ${answer.status} ${JSON.stringify(answer.body)}`])),
    ...[...subjects].flatMap(([outcome, subject]) => (idsOf(subject) === (outcome === status ? mailsOfOutcome : 0) ? [] : [`${title} is ${status}, and ${idsOf(subject)} mails say ${outcome}`])),
  ];
}

const refusal = z.object({ code: z.literal('approval.closed'), outcome: z.object({ status: z.string() }) });

/** Whether an answer says what is so: it counted, it is not known yet, or the other was faster. */
function isTrue({ status, body }: Answer, outcome: string): boolean {
  switch (status) {
    case 200: return body['status'] === outcome;
    case 202: return true;
    case 409: return refusal.safeParse(body).data?.outcome.status === outcome;
    default: return false;
  }
}

/** All requests as they are kept, when they are decided and everybody has been told. */
async function keptOf({ stage }: World, requests: number): Promise<Map<string, Kept>> {
  return stage.until(settleMs, 'requests were not decided and told', async () => {
    const { rows } = await stage.pool.query<Kept & { open: boolean }>(`
      select a.id, a.status, a.finished_at is null or exists (select from approval_notices n where n.approval_id = a.id and n.due_at is not null) as open,
             count(*) filter (where r.entry ->> 'type' = 'decided') as decided, count(*) filter (where r.entry ->> 'type' = 'voted') as voted
      from approvals a join approval_record r on r.approval_id = a.id group by a.id`);
    return rows.length >= requests && !rows.some(({ open }) => open) ? new Map(rows.map((row) => [row.id, row])) : undefined;
  });
}
