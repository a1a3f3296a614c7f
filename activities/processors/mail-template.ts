import { AppError } from '../../domain/errors';
import { escapeHtml } from '../../platform/html';

/**
 * Fills a template in the manner of Mustache: `{{name}}` and `{{address.city}}` are values, `{{#rows}} … {{/rows}}` is
 * repeated for each item of a list (and there once for any other value that is not false, null or empty), `{{^rows}} … {{/rows}}`
 * is there when the list is empty or the value is none. Inside of a section its item comes first; `{{.}}` is the item itself.
 * @param escape what keeps a value from becoming markup
 * @throws AppError `input_invalid` that names every value that is missing, or the section that is not closed
 */
export function fillTemplate(template: string, data: Readonly<Record<string, unknown>>, escape: (text: string) => string): string {
  const missing = new Set<string>();
  const text = render(parse(template), [data], escape, missing);
  if (missing.size > 0) throw new AppError('input_invalid', `the template names what \`data\` does not have: ${[...missing].join(', ')}`);
  return text;
}

/** For HTML; plain text needs no escaping. */
export const htmlEscape = escapeHtml;
export const noEscape = (text: string): string => text;

type Part =
  | { kind: 'text'; text: string }
  | { kind: 'value'; name: string }
  | { kind: 'section' | 'inverse'; name: string; parts: Part[] };

const tag = /\{\{\s*([#^/]?)\s*([\w-]+(?:\.[\w-]+)*|\.)\s*\}\}/g;

function parse(template: string): Part[] {
  const root: Part[] = [];
  const open: { name: string; parts: Part[] }[] = [{ name: '', parts: root }];
  let at = 0;
  for (const match of template.matchAll(tag)) {
    const [whole, mark = '', name = ''] = match;
    const parts = open.at(-1)?.parts ?? root;
    parts.push({ kind: 'text', text: template.slice(at, match.index) });
    at = match.index + whole.length;
    if (mark === '/') {
      if (open.length === 1 || open.pop()?.name !== name) throw new AppError('input_invalid', `the template closes {{/${name}}}, which is not what is open there`);
    } else if (mark === '') {
      parts.push({ kind: 'value', name });
    } else {
      const section: Part & { parts: Part[] } = { kind: mark === '#' ? 'section' : 'inverse', name, parts: [] };
      parts.push(section);
      open.push(section);
    }
  }
  if (open.length > 1) throw new AppError('input_invalid', `the template does not close {{#${open.at(-1)?.name ?? ''}}}`);
  root.push({ kind: 'text', text: template.slice(at) });
  return root;
}

function render(parts: readonly Part[], scopes: readonly unknown[], escape: (text: string) => string, missing: Set<string>): string {
  return parts.map((part) => {
    switch (part.kind) {
      case 'text': return part.text;
      case 'value': return escape(textOf(find(part.name, scopes, missing)));
      case 'section': return itemsOf(find(part.name, scopes, missing)).map((item) => render(part.parts, [item, ...scopes], escape, missing)).join('');
      case 'inverse': return itemsOf(find(part.name, scopes, missing)).length === 0 ? render(part.parts, scopes, escape, missing) : '';
    }
  }).join('');
}

function find(name: string, scopes: readonly unknown[], missing: Set<string>): unknown {
  if (name === '.') return scopes[0];
  const [first = '', ...steps] = name.split('.');
  const holder = scopes.find((scope) => has(scope, first));
  let value: unknown = holder;
  for (const step of [first, ...steps]) {
    if (!has(value, step)) {
      missing.add(name);
      return null;
    }
    value = value[step];
  }
  return value;
}

const has = (value: unknown, name: string): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value));

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === null || value === undefined || value === false || value === '' ? [] : [value];
}
