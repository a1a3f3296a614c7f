import { Writable } from 'node:stream';
import { transports } from 'winston';
import { makeLogger } from './logger';
import { maskLog } from './secret-log';
import { SecretMask } from './secret-mask';

test('secrets are masked in every line: messages, fields, errors with their causes, and lines of child loggers', () => {
  const lines: string[] = [];
  const logger = makeLogger('info', 'test');
  logger.clear().add(new transports.Stream({ stream: new Writable({ write: (chunk, _encoding, done) => { lines.push(String(chunk)); done(); } }) }));
  maskLog(logger, new SecretMask(['top "hidden"', '1234567890']));

  logger.info('top "hidden"', { number: 1234567890, deep: [{ text: 'a top "hidden"' }] });
  logger.child({ run: 'top "hidden"' }).warn('child', { error: new Error('outer', { cause: new Error('top "hidden"') }) });
  logger.info('harmless', { number: 1 });

  expect(lines.join('')).not.toMatch(/hidden|1234567890/);
  expect(lines.map((line) => JSON.parse(line) as Record<string, unknown>)).toMatchObject([
    { message: '***', number: '***', deep: [{ text: 'a ***' }] },
    { message: 'child', run: '***', error: { cause: { message: '***' } } },
    { message: 'harmless', number: 1 },
  ]);
});
