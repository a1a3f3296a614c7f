import { setTimeout as sleep } from 'node:timers/promises';
import { manners, MoodyMailServer, type Manner } from '../mail-server';
import { endsOf, hasEndedOnce } from '../reckoning';
import { enough, type Figures } from '../scenario';
import { inWorld, type World } from '../world';

const awayMs = 5_000;

const definition = `
name: mailing
inputs: { manner: { type: string } }
tasks:
  - id: mail
    uses: email.send
    retry: { maxAttempts: 12, initialInterval: 500ms, backoff: 1.5, maxInterval: 5s }
    with: { to: "\${{ inputs.manner }}.\${{ run.id }}@example.org", subject: hello, text: hello }
`;

/** What a pipeline's author sees of each manner, and how many mails of one Message-ID there are. */
const expected: Record<Manner, { status: string; mails: number }> = {
  slow: { status: 'succeeded', mails: 1 },
  later: { status: 'succeeded', mails: 1 },
  never: { status: 'failed mail_rejected', mails: 0 },
  sour: { status: 'failed mail_rejected', mails: 0 },
  // The outcome was unknown, so it was sent again: under the same Message-ID.
  forgetful: { status: 'succeeded', mails: 2 },
  silent: { status: 'succeeded', mails: 1 },
};

/** The mail server refuses connections, and then has all moods at once. */
export async function mailServerMoody({ runsOfEach }: { runsOfEach: number }): Promise<Figures> {
  const server = await MoodyMailServer.away();
  try {
    return await inWorld(async (world) => {
      await Promise.all([world.stage.startApi(), world.stage.startWorker()]);
      await world.apply('mailing', definition);
      const kinds = Object.keys(manners) as Manner[];
      const runs = await Promise.all(kinds.flatMap((manner) => Array.from({ length: runsOfEach }, async (_, index) =>
        ({ manner, id: await world.start('mailing', `${manner}-${index}`, { manner }) }))));
      await sleep(awayMs);
      await server.open();
      const ends = await Promise.all(runs.map(async ({ manner, id = '' }) => ({ manner, ...(await endOf(world, server, id)) })));
      const told = await endsOf(world);
      return figuresOf(world, ends, runs.filter(({ id = '' }) => hasEndedOnce(id, told)).length);
    }, { SMTP_URL: `smtp://127.0.0.1:${server.port}` });
  } finally {
    await server.close();
  }
}

interface End { manner: Manner; status: string; mails: number; ids: number }

async function endOf({ stage }: World, server: MoodyMailServer, id: string): Promise<Omit<End, 'manner'>> {
  await stage.ended(id, 120_000);
  const { rows: [task] } = await stage.pool.query<{ status: string }>("select concat_ws(' ', status, error ->> 'code') as status from run_tasks where run_id = $1", [id]);
  const mails = server.taken.filter(({ recipient }) => recipient.includes(id));
  return { status: task?.status ?? '', mails: mails.length, ids: new Set(mails.map(({ messageId }) => messageId)).size };
}

function figuresOf({ client: { calls, firstTry, failed } }: World, ends: End[], endedOnce: number): Figures {
  const asExpected = ends.filter(({ manner, status }) => status === expected[manner].status);
  return {
    operations: { all: calls, firstTry, withRetry: calls - failed },
    runs: { acknowledged: ends.length, succeeded: asExpected.length, endedOnce },
    effects: { rows: 0, posts: 0, repeatedPosts: 0, mails: ends.filter(({ mails }) => mails > 0).length, repeatedMails: ends.filter(({ mails }) => mails > 1).length },
    notes: { awaySeconds: awayMs / 1_000, unknownOutcomes: ends.filter(({ manner }) => manner === 'forgetful').length },
    breaches: [
      ...enough('mails', asExpected.length, ends.length),
      ...(endedOnce === ends.length ? [] : [`${ends.length - endedOnce} runs did not end exactly once`]),
      ...ends.filter(({ ids }) => ids > 1).map(({ manner, ids }) => `a mail (${manner}) came under ${ids} Message-IDs`),
      ...ends.filter(({ manner, status, mails }) => status !== expected[manner].status || mails !== expected[manner].mails)
        .map(({ manner, status, mails }) => `a mail that ${manners[manner]} ended as "${status}" and came ${mails} times`),
    ],
  };
}
