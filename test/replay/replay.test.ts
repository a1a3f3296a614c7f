import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import * as workflows from '../../workflows';
import { workflowBundle } from '../harness/bundle';
import { historyNames, readHistory, startOf, type RecordedHistory } from './history-file';

// What does not replay is said by the failure of the test.
Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });

jest.setTimeout(180_000);

/** Replays them on one worker, and says which of them went otherwise, and how. */
async function replay(kept: { name: string; history: RecordedHistory }[]): Promise<string[]> {
  const histories = kept.map(({ history }) => ({ history, workflowId: startOf(history).workflowId }));
  const failures: string[] = [];
  let index = 0;
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: workflowBundle() }, histories)) {
    const name = kept[index++]?.name ?? '';
    if (error) failures.push(`${name}: ${error.message}`);
  }
  expect(index).toBe(kept.length);
  return failures;
}

const keptHistories = async (): Promise<{ name: string; history: RecordedHistory }[]> =>
  Promise.all((await historyNames()).map(async (name) => ({ name, history: await readHistory(name) })));

/** The history as it would be if the workflow had asked for another activity. */
function withOtherActivity(history: RecordedHistory): RecordedHistory {
  const text = JSON.stringify(history);
  const changed = text.replace('"activityType":{"name":"core.sleep"}', '"activityType":{"name":"core.other"}');
  expect(changed).not.toBe(text);
  return JSON.parse(changed);
}

test('every recorded run takes the same decisions again with the workflow code of now', async () => {
  expect(await replay(await keptHistories())).toEqual([]);
});

test('a history of every workflow type is kept', async () => {
  const types = new Set((await keptHistories()).map(({ history }) => startOf(history).type));
  expect([...types].sort()).toEqual(Object.keys(workflows).sort());
});

test('a workflow that decides otherwise is found out', async () => {
  const history = await readHistory('small');
  await expect(replay([{ name: 'other', history: withOtherActivity(history) }])).resolves.toEqual([expect.stringMatching(/^other: .*does not match activity type/s)]);
});
