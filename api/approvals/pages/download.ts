import type { Request, Response } from 'express';
import { contentType as headerOf } from 'mime-types';
import { listEvidence } from '../../../db/approvals/approval-queries';
import type { SealedItem } from '../../../domain/approval/evidence';
import { AppError } from '../../../domain/errors';
import type { Json } from '../../../domain/json';
import { artifactId } from '../../../platform/artifacts';
import { chartSvg } from '../../../platform/chart-svg';
import { sendContent } from '../../artifacts/content';
import type { Dependencies } from '../../dependencies';
import { openLink } from './decide';
import { chartSize } from './evidence-html';
import { csvText } from './evidence-text';
import { formText } from './form-fields';
import { sendMessage } from './guard';

/** One piece of evidence as a whole, for whoever may see its page. @throws AppError `not_found` */
export async function sendEvidence(deps: Dependencies, token: string, place: { revision: string; index: string }, request: Request, response: Response): Promise<void> {
  const opened = await openLink(deps, token);
  if ('message' in opened) return sendMessage(response, opened.message);
  const revisions = await listEvidence(deps.pool, opened.reviewer.approval);
  const item = revisions.find(({ revision }) => String(revision) === place.revision)?.items[Number(place.index)];
  if (!item) throw new AppError('not_found', 'There is no such piece of evidence.');
  if (item.artifact) return sendArtifact(deps, item.artifact, request, response);
  if (item.url !== undefined) return response.redirect(303, item.url);
  const { type, name, content } = await fileOf(item);
  send(response, type, name, content);
}

export async function sendDescription(deps: Dependencies, token: string, response: Response): Promise<void> {
  const opened = await openLink(deps, token);
  if ('message' in opened) return sendMessage(response, opened.message);
  send(response, 'text/plain; charset=utf-8', 'description.md', opened.scene.row.request.description ?? '');
}

/** What each field of the form asks for. */
export async function sendForm(deps: Dependencies, token: string, response: Response): Promise<void> {
  const opened = await openLink(deps, token);
  if ('message' in opened) return sendMessage(response, opened.message);
  const { form } = opened.scene.row.state;
  send(response, 'text/plain; charset=utf-8', 'form.txt', form ? formText(form) : 'It asks for nothing.');
}

/** Whatever is in it, nothing of it runs in our origin. */
function send(response: Response, type: string, name: string, content: string): void {
  response.status(200).set({
    'Content-Type': type, 'Content-Disposition': `inline; filename="${name}"`, 'Content-Security-Policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store',
  }).send(content);
}

async function sendArtifact(deps: Dependencies, artifact: NonNullable<SealedItem['artifact']>, request: Request, response: Response): Promise<void> {
  const stored = await deps.artifacts.find(artifactId(artifact));
  // Only what was sealed is shown: the hash is what people vote on.
  if (!stored || stored.sha256 !== artifact.sha256) throw new AppError('not_found', 'This artifact is not kept any more.');
  response.set('Referrer-Policy', 'no-referrer');
  await sendContent(request, response, deps.files.contents, { ...stored, contentType: headerOf(stored.contentType) || 'application/octet-stream' });
}

async function fileOf({ text, diff, table, chart }: SealedItem): Promise<{ type: string; name: string; content: string }> {
  if (table) return { type: 'text/csv; charset=utf-8', name: 'table.csv', content: csvText(table) };
  if (chart) return { type: 'image/svg+xml; charset=utf-8', name: 'chart.svg', content: await drawn(chart) };
  if (diff !== undefined) return { type: 'text/plain; charset=utf-8', name: 'change.diff', content: diff };
  return { type: 'text/plain; charset=utf-8', name: 'text.md', content: text ?? '' };
}

function drawn({ kind, labels, series }: NonNullable<SealedItem['chart']>): Promise<string> {
  const dimensions = ['label', ...series.map((_, index) => `s${index}`)];
  const source = labels.map((label, row): Record<string, Json> => ({ label, ...Object.fromEntries(series.map(({ values }, index) => [`s${index}`, values[row] ?? 0])) }));
  const option = {
    legend: {}, xAxis: { type: 'category' }, yAxis: { type: 'value' },
    series: series.map(({ name }, index) => ({ type: kind, name, encode: { x: 'label', y: `s${index}` } })),
  };
  return chartSvg(option, { dimensions, source }, chartSize.height, chartSize.width);
}

