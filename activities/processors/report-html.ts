import type { Json } from '../../domain/json';
import { escapeHtml } from '../../platform/html';

export interface ReportSection {
  heading?: string;
  text?: string;
  table?: { columns: string[]; rows: Record<string, Json>[] };
  /** Ready SVG. */
  chart?: string;
}

/** No script and nothing from outside, even if something got past the escaping. */
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'";

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; color: #1f2430; max-width: 800px; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2rem }
  figure { margin: 1rem 0; overflow-x: auto } svg { max-width: 100%; height: auto }
  table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums }
  th, td { padding: .25rem .75rem; border-bottom: 1px solid #dde1e8; text-align: left } td.number { text-align: right }
  @media (prefers-color-scheme: dark) { body { background: #14171c; color: #e6e8ec } th, td { border-color: #333a45 } figure { background: #fff } }`;

/** A whole HTML document of its own. Every text is escaped. */
export function reportHtml(title: string, sections: readonly ReportSection[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
<title>${escapeHtml(title)}</title>
<style>${style}
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${sections.map(sectionHtml).join('\n')}
</body>
</html>
`;
}

function sectionHtml({ heading, text, table, chart }: ReportSection): string {
  return [
    '<section>',
    ...(heading === undefined ? [] : [`<h2>${escapeHtml(heading)}</h2>`]),
    ...(text === undefined ? [] : paragraphs(text)),
    ...(chart === undefined ? [] : [`<figure role="img" aria-label="${escapeHtml(heading ?? 'Chart')}">${chart}</figure>`]),
    ...(table === undefined ? [] : [tableHtml(table)]),
    '</section>',
  ].join('\n');
}

/** A blank line begins a new paragraph. */
const paragraphs = (text: string): string[] => text.split(/\n\s*\n/).map((paragraph) => `<p>${escapeHtml(paragraph.trim())}</p>`);

function tableHtml({ columns, rows }: NonNullable<ReportSection['table']>): string {
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const body = rows.map((row) => `<tr>${columns.map((column) => cell(row[column] ?? null)).join('')}</tr>`);
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`;
}

function cell(value: Json): string {
  if (value === null) return '<td></td>';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `<td${typeof value === 'number' ? ' class="number"' : ''}>${escapeHtml(text)}</td>`;
}
