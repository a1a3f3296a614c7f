import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, SteadyClient } from '../../deploy/steady-client';
import { OwnServers } from '../../faults/own-servers';
import type { Random } from '../random';
import { reckonDecisions, type Told } from '../decisions';
import type { Figures } from '../scenario';
import { inWorld, type World } from '../world';

const lanes = 4;
const policy = { approvers: { users: ['ann', 'bob'] }, quorum: 1 };

/** Requests are made, and approved and rejected at the same moment, while the worker, the API and Postgres go away in turn. */
export async function decidersDisturbed(random: Random, { requests }: { requests: number }): Promise<Figures> {
  const servers = await OwnServers.boot('chaos-approvals');
  try {
    return await inWorld(async (world) => {
      const disturb = await disturber(world, servers);
      const [rita, ann, bob] = [await world.clientOf('rita', ['trigger']), await world.clientOf('ann'), await world.clientOf('bob')];
      const told: Told[] = [];
      const lane = async (first: number): Promise<void> => {
        for (let number = first; number < requests && world.isOpen; number += lanes) {
          told.push(await asked(`Request ${number}`, rita, { ann, bob }));
          await sleep(random.whole(0, 500));
        }
      };
      const over = Promise.all(Array.from({ length: lanes }, (_, first) => lane(first))).then(() => 'over' as const);
      let disturbances = 0;
      while (await Promise.race([over, sleep(random.between(500, 3_000), undefined, { ref: false })]) !== 'over') await disturb(disturbances++);
      return reckonDecisions(world, [rita, ann, bob], told, { disturbances });
    }, { DATAMCP_SECRETS_KEY: randomBytes(32).toString('base64') }, servers);
  } finally {
    await servers.stop();
  }
}

/** Starts a worker and an API. @returns what takes one part away and brings it back: the parts in turn */
async function disturber({ stage }: World, servers: OwnServers): Promise<(turn: number) => Promise<void>> {
  let [worker, api] = await Promise.all([stage.startWorker(), stage.startApi()]);
  const parts = [
    async () => { await stage.kill(worker); worker = await stage.startWorker(); },
    async () => { await stage.kill(api); api = await stage.startApi(); },
    async () => { await servers.stopPostgres(); await servers.returnPostgres(); },
  ];
  return async (turn) => parts[turn % parts.length]?.();
}

/** A request by rita that ann approves and bob rejects, each under one key however often it is sent. */
async function asked(title: string, rita: SteadyClient, { ann, bob }: { ann: SteadyClient; bob: SteadyClient }): Promise<Told> {
  const { status, body } = await rita.call('POST', '/v1/approvals', { title, policy }, { 'idempotency-key': title.replace(' ', '-') });
  const id = String(body['id']);
  const say = (client: SteadyClient, decision: string): Promise<Answer> => client.call('POST', `/v1/approvals/${id}/decisions`, { decision }, { 'idempotency-key': `${decision}-${id}` });
  return { title, id, asked: status, answers: await Promise.all([say(ann, 'approve'), say(bob, 'reject')]) };
}
