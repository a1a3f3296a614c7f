import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTarget, readKey, wantsColor } from './environment';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'datamcp-cli-'));
  mkdirSync(join(root, 'project', 'deep', 'er'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function writeStack(text: string): void {
  mkdirSync(join(root, 'project', '.datamcp'), { recursive: true });
  writeFileSync(join(root, 'project', '.datamcp', 'stack.json'), text);
}
const stack = JSON.stringify({ apiUrl: 'http://127.0.0.1:9999', apiKey: 'stack-key', temporalAddress: 'x' });
const variables = { DATAMCP_API_URL: 'https://api.example.com', DATAMCP_API_KEY: 'own-key' };

test('the stack of this folder or a parent is found first', () => {
  writeStack(stack);
  expect(findTarget(join(root, 'project', 'deep', 'er'), variables, undefined)).toMatchObject({ apiUrl: 'http://127.0.0.1:9999', apiKey: 'stack-key' });
});

test('DATAMCP_STACK_HOME names the stack, and no other is taken for it', () => {
  writeStack(stack);
  expect(findTarget(root, { DATAMCP_STACK_HOME: 'project' }, undefined)).toMatchObject({ apiKey: 'stack-key', source: { name: join(root, 'project', '.datamcp', 'stack.json') } });
  expect(findTarget(join(root, 'project'), { ...variables, DATAMCP_STACK_HOME: root }, undefined).apiUrl).toBe('https://api.example.com');
});

test('without a stack the variables count', () => {
  expect(findTarget(root, variables, undefined)).toMatchObject({ apiUrl: 'https://api.example.com', apiKey: 'own-key' });
});

test.each(['', '{', 'null', '{"apiUrl": 5}'])('a stack file that holds %j is no stack', (text) => {
  writeStack(text);
  expect(findTarget(join(root, 'project'), variables, undefined).apiUrl).toBe('https://api.example.com');
});

test('the key of a stack is not sent to another address', () => {
  writeStack(stack);
  const cwd = join(root, 'project');
  expect(findTarget(cwd, {}, 'https://elsewhere.example.com').apiKey).toBeUndefined();
  expect(findTarget(cwd, {}, 'http://127.0.0.1:9999/').apiKey).toBe('stack-key');
});

test('without anything the usual local address is tried, and empty variables count as not set', () => {
  expect(findTarget(root, { DATAMCP_API_URL: '', DATAMCP_API_KEY: '' }, undefined)).toMatchObject({ apiUrl: 'http://127.0.0.1:8080', apiKey: undefined });
});

test('the key of another identity is read from its file, and a file without one is refused', () => {
  writeFileSync(join(root, 'reviewer-key'), 'dmcp_other\n');
  expect(readKey(root, 'reviewer-key')).toBe('dmcp_other');
  expect(() => readKey(root, 'nothing')).toThrow('--key-file: there is no key in nothing');
});

test('colour is for terminals that do not refuse it', () => {
  expect(wantsColor({}, true)).toBe(true);
  expect(wantsColor({}, false)).toBe(false);
  expect(wantsColor({ NO_COLOR: '1' }, true)).toBe(false);
  expect(wantsColor({ NO_COLOR: '' }, true)).toBe(true);
  expect(wantsColor({ TERM: 'dumb' }, true)).toBe(false);
});
