import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(__dirname, '..', '..');
const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => join(root, folder, name));
const documents = [...readdirSync(root).filter((name) => name.endsWith('.md')).map((name) => join(root, name)), ...markdownIn('docs'), ...markdownIn('domain')];

/** Code is no link, whatever it looks like. */
const withoutCode = (text: string): string => text.replaceAll(/^ *```[^]*?^ *```/gm, '').replaceAll(/`[^`\n]*`/g, '');

/** Headings as the anchors that a Markdown page has for them. */
const anchorsOf = (text: string): string[] => [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
  heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));

function brokenLinks(file: string): string[] {
  const links = [...withoutCode(readFileSync(file, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((link) => !/^(https?|mailto):/.test(link)).filter((link) => {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : resolve(dirname(file), path);
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
  });
}

test.each(documents.map((file) => [relative(root, file), file]))('every link of %s leads somewhere', (_, file) => {
  expect(brokenLinks(file)).toEqual([]);
});

test('every page of the documentation can be reached from the README', () => {
  const seen = new Set([join(root, 'README.md')]);
  for (const file of seen) {
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/\]\(([^)#\s]+\.md)[)#]/g)) seen.add(resolve(dirname(file), path));
  }
  const records = markdownIn('docs/adr');
  expect(documents.filter((file) => !seen.has(file) && !records.includes(file)).map((file) => relative(root, file))).toEqual([]);
});
