import { adviceOn } from './advice';

test.each([
  ['FATAL:  could not write to file "pg_wal/xlogtemp.1": No space left on device', 'disk is full'],
  ["ENOSPC: no space left on device, write", 'disk is full'],
  ["EROFS: read-only file system, mkdir '.datamcp'", 'read-only'],
  ["EACCES: permission denied, open '.datamcp/stack.json'", 'another user'],
  ['spawn postgres EMFILE', 'open files'],
])('%s: says what to do', (message, advice) => {
  expect(adviceOn(message)).toContain(advice);
});

test('a failure that it knows nothing about is left to its own message', () => {
  expect(adviceOn('The API ended (1)')).toBeUndefined();
});
