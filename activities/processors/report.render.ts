import { z } from 'zod';
import type { Duckdb } from '../../platform/duckdb';
import { identifier } from '../../platform/sql-text';
import { defineProcessor, type ProcessorContext } from '../processor';
import { chartSvg } from '../../platform/chart-svg';
import { reportHtml, type ReportSection } from './report-html';
import { artifactRefSchema, sourceSchema, withSources, type Source } from './sources';

const sectionSchema = z.strictObject({
  heading: z.string().max(300).optional().describe('Heading of the section'),
  text: z.string().optional().describe('Plain text; a blank line begins a new paragraph'),
  table: z.strictObject({
    from: sourceSchema,
    columns: z.array(z.string().min(1)).min(1).max(50).optional().describe('Columns in their order; all of them when left out'),
    limit: z.int().min(1).max(1_000).default(50).describe('Rows that are shown'),
  }).optional().describe('Rows as a table'),
  chart: z.strictObject({
    from: sourceSchema,
    option: z.record(z.string(), z.unknown()).describe('ECharts option; its dataset is filled with the rows, which series name by `encode`'),
    height: z.int().min(100).max(2_000).default(320).describe('Height in pixels'),
  }).optional().describe('Rows as a chart'),
});

type Section = z.output<typeof sectionSchema>;

const chartRows = 5_000;
const sectionBytes = 4 * 1024 ** 2;

export const reportRender = defineProcessor({
  name: 'report.render',
  title: 'HTML report',
  description: 'Makes an HTML file of texts, tables and charts (as inline SVG), without scripts and without anything from outside.',
  version: '1.0.0',
  input: z.strictObject({
    title: z.string().min(1).max(300).describe('Title of the report'),
    sections: z.array(sectionSchema).min(1).max(50).describe('Sections in their order'),
    save: z.string().regex(/\.html$/).default('report.html').describe('Name of the artifact'),
  }),
  output: z.object({ artifact: artifactRefSchema }),
  process: async (context, { title, sections, save }) => {
    const rendered = await withSources(context, sourcesOf(sections), (duckdb) => renderAll(context, duckdb, sections));
    return { artifact: await context.artifacts.save(save, 'text/html; charset=utf-8', reportHtml(title, rendered), context.signal) };
  },
});

const tableAlias = (index: number): string => `table_${index}`;
const chartAlias = (index: number): string => `chart_${index}`;

const sourcesOf = (sections: readonly Section[]): Record<string, Source> =>
  Object.fromEntries(sections.flatMap(({ table, chart }, index) => [
    ...(table ? [[tableAlias(index), table.from] as const] : []),
    ...(chart ? [[chartAlias(index), chart.from] as const] : []),
  ]));

async function renderAll(context: ProcessorContext, duckdb: Duckdb, sections: readonly Section[]): Promise<ReportSection[]> {
  const rendered: ReportSection[] = [];
  for (const [index, section] of sections.entries()) {
    rendered.push(await render(duckdb, section, index));
    context.progress(Math.round((100 * rendered.length) / sections.length), section.heading);
  }
  return rendered;
}

async function render(duckdb: Duckdb, { heading, text, table, chart }: Section, index: number): Promise<ReportSection> {
  return {
    ...(heading !== undefined && { heading }),
    ...(text !== undefined && { text }),
    ...(table && { table: await tableOf(duckdb, table, tableAlias(index)) }),
    ...(chart && { chart: await chartOf(duckdb, chart, chartAlias(index)) }),
  };
}

async function tableOf(duckdb: Duckdb, { columns, limit }: NonNullable<Section['table']>, alias: string) {
  const chosen = columns === undefined ? '*' : columns.map(identifier).join(', ');
  const result = await duckdb.rows(`select ${chosen} from ${alias} limit ${limit}`, [], sectionBytes);
  return { columns: result.columns.map(({ name }) => name), rows: result.rows };
}

async function chartOf(duckdb: Duckdb, { option, height }: NonNullable<Section['chart']>, alias: string): Promise<string> {
  const { columns, rows } = await duckdb.rows(`from ${alias} limit ${chartRows}`, [], sectionBytes);
  return chartSvg(option, { dimensions: columns.map(({ name }) => name), source: rows }, height);
}
