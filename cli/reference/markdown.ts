import { AppError } from '../../domain/errors';

/** Outside of code, `<NAME>` would be a tag, and vanish. */
const withoutTags = (text: string): string => text.split('`').map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '&lt;') : part)).join('`');

/** A Markdown table. A bar in a cell would end it, also in code. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => withoutTags(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(titles), `|${' --- |'.repeat(titles.length)}`, ...rows.map(line)].join('\n');
}

const generated = /<!-- generated: ([\w-]+) -->\n[^]*?<!-- end of generated -->/g;

/**
 * Replaces what stands between `<!-- generated: name -->` and `<!-- end of generated -->` by the section of that name.
 * @throws AppError `not_found` when a document asks for a section that nobody makes
 */
export function fillSections(document: string, sections: ReadonlyMap<string, string>): string {
  return document.replace(generated, (_, name: string) => {
    const section = sections.get(name);
    if (section === undefined) throw new AppError('not_found', `There is no generated section "${name}"`);
    return `<!-- generated: ${name} -->\n${section}\n<!-- end of generated -->`;
  });
}

/** Names of the sections that a document asks for. */
export const sectionsIn = (document: string): string[] => [...document.matchAll(generated)].flatMap(([, name]) => name ?? []);
