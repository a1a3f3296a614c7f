import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { transports } from 'winston';
import { makeLogger } from './logger';
import { logWarnings } from './process-warnings';

test('a warning is one line of the log, and nothing else writes it', () => {
  const [emitter, printed, output] = [new EventEmitter(), jest.fn(), new PassThrough()];
  emitter.on('warning', printed);
  const logger = makeLogger('warn', 'test').clear().add(new transports.Stream({ stream: output }));
  logWarnings(logger, emitter);
  emitter.emit('warning', Object.assign(new Error('Node 20 ends soon'), { name: 'NodeVersionWarning', code: 'OLD' }));
  const lines = String(output.read()).trim().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { level: 'warn', service: 'test', message: 'a warning of the process', error: { name: 'NodeVersionWarning', code: 'OLD', message: 'Node 20 ends soon' } },
  ]);
  expect(printed).not.toHaveBeenCalled();
});
