import { skewFinding } from './connection';
import { roomFinding } from './local-stack';

test.each([
  [0, 'ok', 'agrees'], [5_500, 'ok', 'agrees'], [-5_500, 'ok', 'agrees'], [3_600_000, 'warn', 'ahead of'], [-8_000, 'warn', 'behind'],
])('a clock that is %d ms ahead is %s: it %s the server', (aheadMs, status, word) => {
  expect(skewFinding(aheadMs)).toMatchObject({ status, message: expect.stringContaining(word) });
});

test.each([
  [100 * 1024 ** 3, 'ok'], [2 * 1024 ** 3, 'warn'], [100 * 1024 ** 2, 'fail'], [0, 'fail'],
])('%d bytes of room on the disk are %s', (free, status) => {
  expect(roomFinding('/somewhere', free).status).toBe(status);
});
