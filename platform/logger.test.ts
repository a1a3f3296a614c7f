import { Writable } from 'node:stream';
import { transports } from 'winston';
import { AppError } from '../domain/errors';
import { makeLogger } from './logger';

test('an error that is logged keeps its message, its code, its stack and its cause', async () => {
  const lines: string[] = [];
  const logger = makeLogger('info', 'test');
  logger.clear().add(new transports.Stream({ stream: new Writable({ write(chunk, _encoding, done) { lines.push(String(chunk)); done(); } }) }));
  logger.warn('it went wrong', { error: new AppError('unavailable', 'no answer', { cause: new Error('refused') }), runId: 'r1' });
  await new Promise((resolve) => { logger.on('finish', resolve).end(); });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'warn', message: 'it went wrong', service: 'test', runId: 'r1',
    error: { message: 'no answer', code: 'unavailable', stack: expect.stringContaining('logger.test'), cause: { message: 'refused' } },
  });
});

test('a line that cannot be written, as on a full disk, does not end the process', () => {
  makeLogger('info', 'test');
  expect(() => process.stderr.emit('error', new Error('ENOSPC: no space left on device, write'))).not.toThrow();
});
