import { setTimeout as sleep } from 'node:timers/promises';
import { ApprovalStage } from './approval-stage';

const rounds = 100;
const together = 50;

let stage: ApprovalStage;
beforeAll(async () => {
  stage = await ApprovalStage.open();
  for (const name of ['ann', 'bob', 'rita']) await stage.key(name);
});
afterAll(() => stage.close());

interface Race {
  id: string;
  /** `counted`, or the code of the refusal. */
  results: string[];
  status: string;
}

/** Some at a time, until all are run. */
async function races(acts: (id: string) => Promise<string>[], request = {}): Promise<Race[]> {
  const race = async (): Promise<Race> => {
    const id = await stage.ask({ policy: { approvers: { users: ['ann', 'bob'] } }, ...request });
    const results = await Promise.all(acts(id));
    return { id, results, status: (await stage.final(id)).status };
  };
  const all: Race[] = [];
  while (all.length < rounds) all.push(...(await Promise.all(Array.from({ length: together }, race))));
  return all;
}

/** One outcome, of which the record has one entry; whoever came too late was told. @param winner whose act each status is */
async function expectOneOutcome({ id, results, status }: Race, winner: Readonly<Record<string, number | null>>): Promise<void> {
  expect(results).toEqual(results.map((_, index) => (index === winner[status] ? 'counted' : 'approval.closed')));
  expect((await stage.types(id)).filter((type) => type === 'decided')).toHaveLength(1);
}

const vote = (id: string, person: string, decision: 'approve' | 'reject'): Promise<string> => stage.codeOf(id, person, 'decide', { decision });

test('of an approval, a rejection and a withdrawal at once one counts, and the others are told that they came too late', async () => {
  const all = await races((id) => [vote(id, 'ann', 'approve'), vote(id, 'bob', 'reject'), stage.codeOf(id, 'rita', 'withdraw', {})]);
  for (const one of all) await expectOneOutcome(one, { approved: 0, rejected: 1, withdrawn: 2 });
});

test('of a vote and the deadline at once one counts', async () => {
  const atTheDeadline = async (id: string): Promise<string> => {
    const { deadline } = await stage.until(id, ({ seq }) => seq === 1);
    // How long a vote is on its way depends on what else the machine does: most are cast near the deadline, some well before.
    await sleep(((deadline?.getTime() ?? 0) - Date.now()) * (1 - Math.random() ** 3));
    return vote(id, 'ann', 'approve');
  };
  const all = await races((id) => [atTheDeadline(id)], { deadline: '4s' });
  for (const one of all) await expectOneOutcome(one, { approved: 0, expired: null });
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set(['approved', 'expired']));
});
