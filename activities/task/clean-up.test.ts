import type { Processor, ProcessorContext } from '../processor';
import { cleanUp } from './clean-up';

const recorded = () => {
  const warnings: string[] = [];
  const context = { signal: AbortSignal.abort(), logger: { warn: (line: string) => warnings.push(line) } } as unknown as ProcessorContext;
  return { warnings, context };
};
const processorWith = (cleanup: Processor['cleanup']): Processor => ({ name: 'text.one', cleanup }) as unknown as Processor;

test('is given the input, and a signal of its own in place of the aborted one', async () => {
  const { warnings, context } = recorded();
  const seen: unknown[] = [];
  await cleanUp(processorWith(async ({ signal }, input) => { seen.push(signal.aborted, input); }), context, { file: 'x' });
  expect(seen).toEqual([false, { file: 'x' }]);
  expect(warnings).toEqual([]);
});

test('failing is a warning, whether it throws at once or later', async () => {
  const { warnings, context } = recorded();
  await cleanUp(processorWith(() => { throw new Error('no such table'); }), context, {});
  await cleanUp(processorWith(() => Promise.reject(new Error('gone'))), context, {});
  expect(warnings).toEqual(['cleanup failed: no such table', 'cleanup failed: gone']);
});

test('is not waited for beyond its time', async () => {
  const { warnings, context } = recorded();
  await cleanUp(processorWith(() => new Promise(() => undefined)), context, {}, 5);
  expect(warnings).toEqual(['cleanup failed: it took longer than 5 ms']);
});

test('is nothing for a processor without one', async () => {
  await cleanUp(processorWith(undefined), recorded().context, {});
});
