import { CliStage } from './cli-stage';
import { hasPseudoTerminal, onTerminal } from './pseudo-terminal';
import { Terminal } from './terminal';

let stage: CliStage;
beforeAll(async () => {
  stage = await CliStage.open();
  stage.write('wide.yaml', `
name: wide
tasks:
  - id: naps
    forEach: { in: "\${{ [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20] }}", as: n, maxParallel: 10 }
    uses: core.sleep
    with: { milliseconds: 300 }
  - { id: last, needs: [naps], uses: core.noop }
  - { id: never, needs: [last], if: failure(), uses: core.noop }
`);
  stage.write('long.yaml', 'name: long\ntasks:\n  - { id: nap, uses: core.sleep, with: { milliseconds: 60000 }, timeout: 2m }\n');
});
afterAll(() => stage.close());

const on = hasPseudoTerminal ? test : test.skip;
const needs = hasPseudoTerminal ? '' : ' (skipped: needs `script` of util-linux)';

/** What differs from run to run, made equal. */
const timeless = (lines: string[]): string[] => lines.map((line) => line.replace(/[\d.]+ (ms|s)\b/, 'TIME').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'ID'));
const permanent = [
  '▶ wide v1 run ID accepted',
  '✓ naps                      TIME',
  '✓ last                      TIME',
  '- never                     skipped',
  '✓ wide succeeded in TIME',
];
const watch = (size: { columns: number; rows: number }) => onTerminal(['run', 'wide.yaml', '--wait'], { folder: stage.folder, size });

on.each([[80, 24], [72, 6], [72, 2]])(`on a terminal of %i columns and %i rows the live region keeps to its rows, and leaves exactly the permanent lines${needs}`, async (columns, rows) => {
  await stage.run(['apply', 'wide.yaml']);
  const { sent, code } = await watch({ columns, rows });
  expect(code).toBe(0);
  expect(sent).toContain('wide running');
  const terminal = new Terminal(columns, rows);
  terminal.write(sent);
  expect(timeless(terminal.text)).toEqual(permanent);
  expect(terminal.overdrawn).toBe(false);
  expect(sent.endsWith('\x1b[?25h') || !sent.includes('\x1b[?25l')).toBe(true);
}, 30_000);

on(`a terminal that does not say how large it is shows the permanent lines${needs}`, async () => {
  const { sent, code } = await watch({ columns: 0, rows: 0 });
  expect(code).toBe(0);
  const terminal = new Terminal(200, 50);
  terminal.write(sent);
  expect(timeless(terminal.text)).toEqual(permanent);
  const list = await onTerminal(['runs', 'list'], { folder: stage.folder, size: { columns: 0, rows: 0 } });
  expect(list.sent).toMatch(/[0-9a-f-]{36} {2}wide v1/);
}, 30_000);

on(`Ctrl-C on a terminal detaches with exit code 130, and gives the cursor back${needs}`, async () => {
  const { sent, code } = await onTerminal(['run', 'long.yaml', '--wait'], { folder: stage.folder, size: { columns: 100, rows: 24 }, interruptAt: 'nap' });
  expect(code).toBe(130);
  const terminal = new Terminal(100, 24);
  terminal.write(sent);
  expect(timeless(terminal.text)).toEqual(expect.arrayContaining(['Detached: run ID goes on.']));
  expect(sent.lastIndexOf('\x1b[?25h')).toBeGreaterThan(sent.lastIndexOf('\x1b[?25l'));
  await stage.run(['runs', 'cancel', '@last']);
}, 30_000);
