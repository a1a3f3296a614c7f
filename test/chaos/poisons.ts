import type { ServerResponse } from 'node:http';

const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);
const task = (more: string): string => `name: poison\ntasks:\n  - { id: only, uses: core.log, with: { message: ${more} } }\n`;
const json = (tasks: object[]): string => JSON.stringify({ name: 'poison', tasks });
const log = (message: string): object => ({ id: 'only', uses: 'core.log', with: { message } });
const levels = 'abcdefghijklmnopqrst'.split('');

/** Definitions that are meant to hurt who reads them. None is right. */
export const poisonDefinitions: Readonly<Record<string, { text: string; type: 'yaml' | 'json' }>> = {
  'a bomb of aliases': { type: 'yaml', text: `a: &a [x, x, x, x, x, x, x, x, x, x]\n${levels.slice(1).map((name, index) => `${name}: &${name} [${Array(10).fill(`*${levels[index]}`).join(', ')}]`).join('\n')}\nname: poison\n` },
  'an alias of itself': { type: 'yaml', text: 'name: poison\ntasks: &t [ *t ]\n' },
  'deep YAML': { type: 'yaml', text: `name: poison\ntasks: ${nested(50_000, '[', ']')}` },
  'deep JSON': { type: 'json', text: `{"name":"poison","tasks":${nested(200_000, '[', ']')}}` },
  '__proto__': { type: 'json', text: '{"name":"poison","__proto__":{"polluted":true},"tasks":[{"id":"only","uses":"core.noop","with":{"constructor":{"prototype":{"polluted":true}}}}]}' },
  'NUL': { type: 'yaml', text: task('"a\\0b"') },
  'half a character': { type: 'json', text: '{"name":"poison\\ud800","tasks":[]}' },
  'a tag that makes objects': { type: 'yaml', text: 'name: !!js/function "function () { process.exit() }"\ntasks: []\n' },
  'a cycle of thousands': { type: 'json', text: json(Array.from({ length: 5_000 }, (_, index) => ({ id: `t${index}`, uses: 'core.noop', needs: [`t${(index + 1) % 5_000}`] }))) },
  'thousands of faults': { type: 'json', text: json(Array.from({ length: 5_000 }, () => ({ id: 'Same', uses: 'core.nop', nonsense: '${{ 1 + }}' }))) },
  'nested macros': { type: 'json', text: json([log('${{ [1,2,3].map(a, [1,2,3].map(b, [1,2,3].map(c, [1,2,3].map(d, a + b + c + d)))) }}')]) },
  'a deep expression': { type: 'json', text: json([log(`\${{ ${nested(1_000, '(', ')')} }}`)]) },
  'a pattern that explodes': { type: 'json', text: JSON.stringify({ name: 'poison', inputs: { a: { type: 'string', pattern: '((a{1,100}){1,100}){1,100}' } }, tasks: [{ id: 'only', uses: 'core.noop' }] }) },
  'no JSON': { type: 'json', text: '{"name":' },
  'nothing': { type: 'yaml', text: '' },
  'megabytes in one line': { type: 'yaml', text: `name: ${'x'.repeat(2_000_000)}` },
};

const binary = Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28, 0xed, 0xa0, 0x80]);
const asJson = (response: ServerResponse, body: string | Buffer): void => { response.setHeader('content-type', 'application/json').end(body); };

/** Answers that are meant to hurt who gets them, by path. */
export const poisonAnswers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  strange: (response) => asJson(response, '{"text":"a\\u0000b \\ud800 \\u001b[2J \\u202e"}'),
  proto: (response) => asJson(response, '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  deep: (response) => asJson(response, nested(30_000, '[', ']')),
  binary: (response) => asJson(response, binary),
  text: (response) => { response.setHeader('content-type', 'text/plain; charset=utf-16').end(binary); },
  short: (response) => { response.writeHead(200, { 'content-length': '1000' }).write('not all'); response.destroy(); },
  endless: (response) => {
    const piece = Buffer.alloc(65_536, 'x');
    const more = (): void => { while (response.writable && response.write(piece)); };
    response.on('drain', more);
    more();
  },
  dripping: (response) => {
    const drip = setInterval(() => response.write('x'), 200);
    response.on('close', () => clearInterval(drip));
  },
  heads: (response) => { response.writeHead(200, Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, 'y'.repeat(100)]))).end(); },
};

/** A pipeline that takes all of these answers, says them in its log, keeps them and fails with them; and one log line of each bad kind. */
export const poisonPipeline = (url: string): string => JSON.stringify({
  name: 'poison',
  defaults: { timeout: '20s', retry: { maxAttempts: 2, initialInterval: '100ms' } },
  tasks: [
    ...Object.keys(poisonAnswers).flatMap((name) => [
      { id: name, uses: 'http.request', with: { url: `${url}/${name}`, timeoutMs: 3_000 } },
      { id: `${name}_said`, needs: [name], uses: 'core.log', with: { message: `\${{ tasks.${name}.output.body }}` } },
      { id: `${name}_kept`, needs: [name], uses: 'core.set', with: { value: `\${{ tasks.${name}.output.body }}` } },
      { id: `${name}_failed`, needs: [name], uses: 'core.assert', with: { that: false, message: `\${{ string(tasks.${name}.output.status) }} \${{ tasks.${name}.output.body }}` } },
    ]),
    { id: 'controls', uses: 'core.log', with: { message: '\u001b]0;title\u0007 \u001b[2J \r\n\u0085\u2028' } },
    { id: 'endless_line', uses: 'core.log', with: { message: 'x'.repeat(250_000) } },
    { id: 'many_lines', uses: 'core.log', forEach: { in: Array.from({ length: 1_000 }, (_, index) => index), as: 'line', maxParallel: 200 }, with: { message: `\${{ line }} ${'y'.repeat(2_000)}` } },
  ].map((each) => ({ continueOnError: true, ...each })),
});
