import type { EvidenceChange } from '../../../domain/approval/evidence-changes';
import type { SealedItem } from '../../../domain/approval/evidence';
import { lineDiff, type DiffLine } from '../../../domain/approval/line-diff';
import { Html, html } from '../../../platform/html';
import { markdownHtml } from '../../../platform/markdown';
import { chartLines, itemLines } from './evidence-text';
import type { Scene } from './scene';

/** How much of everything the page shows; the rest is one link away. */
export interface Measure {
  characters: number;
  lines: number;
  rows: number;
  people: number;
}

/** All evidence, each piece with its hash, where all of it is, and what changed. */
export function evidenceSection({ items, changes, row }: Scene, measure: Measure): Html {
  const removed = changes?.items.filter(({ change }) => change === 'removed') ?? [];
  const hasChanged = changes?.items.some(({ change }) => change !== 'unchanged') ?? false;
  return html`<section aria-labelledby="evidence"><h2 id="evidence">Evidence${row.revision > 1 && html` <span class="soft">(revision ${row.revision})</span>`}</h2>
${hasChanged && html`<p><strong class="wait">It has changed since revision ${changes?.since}.</strong> What is different is marked below.</p>`}
${items.length === 0 && html`<p>None was given.</p>`}
${items.map((item, index) => itemHtml(item, `evidence/${row.revision}/${index}`, changes?.items.find(({ after }) => after === item), measure))}
${removed.map(({ title }) => html`<div class="item"><h3>${title} <span class="tag no">removed</span></h3></div>`)}
</section>`;
}

function itemHtml(item: SealedItem, address: string, change: EvidenceChange | undefined, measure: Measure): Html {
  const isChanged = change !== undefined && change.change !== 'unchanged';
  if (measure.characters === 0) return html`<p><a href="${address}">${excerpt(item.title, 60)}</a>${isChanged && ` (${change.change})`}</p>`;
  return html`<div class="item"><h3>${item.title}${isChanged && html` <span class="tag wait">${change.change}</span>`}</h3>
${change?.change === 'changed' && change.before && changeHtml(change.before, item, measure)}
${contentHtml(item, address, measure)}
<p class="soft">SHA-256 <code>${item.artifact === undefined ? `${item.sha256.slice(0, 16)}…` : item.sha256}</code></p></div>`;
}

function contentHtml(item: SealedItem, address: string, { characters, lines, rows }: Measure): Html {
  const { artifact, url, text, diff, table, chart } = item;
  if (artifact) return artifactHtml(artifact, item.title, address);
  if (url !== undefined) return html`<p><a href="${url}" rel="noreferrer noopener">${url}</a> <span class="soft">(leads elsewhere; what it shows may change)</span></p>`;
  if (text !== undefined) return html`${markdownHtml(excerpt(text, characters))}${text.length > characters && whole(address, 'Read all of it', text.length)}`;
  if (diff !== undefined) return diffHtml(diff.trimEnd().split('\n').map(lineOfDiff), lines, address);
  if (table) return tableHtml(table, rows, address);
  if (chart) return chartHtml(item, chart, address, rows);
  return html``;
}

const whole = (address: string, words: string, length: number): Html => html`<p><a href="${address}">${words}</a> <span class="soft">(${length.toLocaleString('en')} characters)</span></p>`;

/** Cut at the end of a line, so that Markdown is rarely torn apart. */
export function excerpt(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const end = text.lastIndexOf('\n', characters);
  return `${text.slice(0, end > characters / 2 ? end : characters).trimEnd()} …`;
}

const shownImage = /^image\/(png|jpeg|gif|webp|avif)$/;

const artifactHtml = ({ name, bytes, contentType }: NonNullable<SealedItem['artifact']>, title: string, address: string): Html =>
  html`${shownImage.test(contentType) && html`<figure><img src="${address}" alt="${title}"></figure>`}<p><a href="${address}">Download ${name}</a> <span class="soft">(${contentType}, ${sizeText(bytes)})</span></p>`;

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function tableHtml({ columns, rows }: NonNullable<SealedItem['table']>, most: number, address: string): Html {
  const head = html`<tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr>`;
  const body = rows.slice(0, most).map((cells) => html`<tr>${cells.map((cell) => html`<td${typeof cell === 'number' && new Html(' class="n"')}>${excerpt(String(cell ?? ''), 100)}</td>`)}</tr>`);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>${head}${body}</table></div>
<p><a href="${address}">All ${rows.length} rows as CSV</a></p>`;
}

/** In pixels: small enough that its words can be read on a phone. */
export const chartSize = { width: 520, height: 300 };

/** The picture, and its numbers for those who do not see it. */
function chartHtml({ title }: SealedItem, chart: NonNullable<SealedItem['chart']>, address: string, most: number): Html {
  const lines = chartLines(chart);
  return html`<figure><img src="${address}" width="${chartSize.width}" height="${chartSize.height}" alt="Chart: ${title}. Its numbers follow."></figure>
<details><summary>Numbers</summary><ul>${lines.slice(0, most).map((line) => html`<li>${line}</li>`)}</ul>${lines.length > most && html`<p class="soft">${lines.length - most} more are in the picture.</p>`}</details>`;
}

const changeHtml = (before: SealedItem, after: SealedItem, { lines }: Measure): Html => {
  const diff = lineDiff(itemLines(before), itemLines(after)).filter(({ sign }) => sign !== ' ');
  return html`<details open><summary>What changed</summary>${diffHtml(diff, lines)}</details>`;
};

function lineOfDiff(line: string): DiffLine {
  const isHeader = line.startsWith('+++') || line.startsWith('---');
  if (!isHeader && line.startsWith('+')) return { sign: '+', text: line.slice(1) };
  return !isHeader && line.startsWith('-') ? { sign: '-', text: line.slice(1) } : { sign: ' ', text: line };
}

/** Signs tell what goes and what comes; colours only help. @param address of all of it, where there is more elsewhere */
function diffHtml(diff: DiffLine[], most: number, address?: string): Html {
  const shown = diff.slice(0, most).map(({ sign, text }) => {
    const line = `${sign}${excerpt(text, 300)}`;
    switch (sign) {
      case '+': return html`<ins>${line}</ins>`;
      case '-': return html`<del>${line}</del>`;
      case ' ': return html`${line}\n`;
    }
  });
  const more = diff.length - most;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Changed lines"><pre>${shown}</pre></div>
${more > 0 && (address === undefined ? html`<p class="soft">${more} more lines changed.</p>` : html`<p><a href="${address}">All ${diff.length} lines</a></p>`)}`;
}
