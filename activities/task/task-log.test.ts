import { limits } from '../../domain/limits';
import type { TaskLogLine } from '../../db/task-logs';
import { SecretMask } from '../../platform/secret-mask';
import { taskLog } from './task-log';

const key = { runId: 'run', task: 'chatty', instance: -1, generation: 0, attempt: 1 };
const recorded = () => {
  const lines: TaskLogLine[] = [];
  return { lines, log: taskLog(key, new SecretMask([]), (line) => lines.push(line)) };
};
const bytesOf = (lines: TaskLogLine[]): number => lines.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0);

test('the log of an attempt is cut at 1 MiB with one mark, and what comes after is left out', () => {
  const { lines, log } = recorded();
  for (let line = 0; line < 3_000; line++) log.info('é'.repeat(500));
  const mark = lines.pop();
  expect(mark).toMatchObject({ level: 'warn', message: expect.stringContaining('cut here: it reached 1 MiB') });
  expect(lines.every(({ message }) => message === 'é'.repeat(500))).toBe(true);
  expect(bytesOf(lines)).toBeGreaterThan(limits.logBytesPerAttempt * 0.9);
  expect(bytesOf(lines)).toBeLessThanOrEqual(limits.logBytesPerAttempt);
});

test('fields count, and so do lines without a text', () => {
  const [wide, empty] = [recorded(), recorded()];
  for (let line = 0; line < 100; line++) wide.log.info('', { text: 'x'.repeat(50_000) });
  for (let line = 0; line < 100_000; line++) empty.log.debug('');
  expect(wide.lines.length).toBeLessThan(25);
  expect(empty.lines.length).toBeLessThan(20_000);
});

test('one endless line is cut, and fields that are too long or no JSON are replaced', () => {
  const { lines, log } = recorded();
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  log.info('x'.repeat(10_000_000));
  log.info('long', { text: 'x'.repeat(100_000) });
  log.info('circle', circle);
  expect(lines[0]?.message).toHaveLength(65_536);
  expect(lines.slice(1).map(({ fields }) => fields)).toEqual([{ cut: expect.stringContaining('characters') }, { cut: 'fields that are not JSON' }]);
});

test('NUL becomes a character that Postgres keeps', () => {
  const { lines, log } = recorded();
  log.error('a\u0000b', { text: 'c\u0000d' });
  expect(lines).toMatchObject([{ message: 'a\ufffdb', fields: { text: 'c\ufffdd' } }]);
});
