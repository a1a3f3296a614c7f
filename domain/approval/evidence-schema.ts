import { z } from 'zod';

const title = z.string().min(1).max(200).describe('What it is, in a few words.');
const cell = z.union([z.string().max(2_000), z.number(), z.boolean(), z.null()]);

const artifact = z.strictObject({
  name: z.string().min(1),
  uri: z.string().min(1),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, { error: 'must be a SHA-256 in lower-case hex' }),
  contentType: z.string().min(1),
});

const table = z
  .strictObject({ columns: z.array(z.string().max(200)).min(1).max(50), rows: z.array(z.array(cell).max(50)).max(1_000) })
  .refine(({ columns, rows }) => rows.every(({ length }) => length === columns.length), { error: 'has a row that is not as long as its columns' });

const chart = z
  .strictObject({
    kind: z.enum(['bar', 'line']),
    labels: z.array(z.string().max(200)).min(1).max(500),
    series: z.array(z.strictObject({ name: z.string().max(200), values: z.array(z.number()).max(500) })).min(1).max(10),
  })
  .refine(({ labels, series }) => series.every(({ values }) => values.length === labels.length), { error: 'has a series that is not as long as its labels' });

const forms = {
  artifact: artifact.optional().describe('A file that a task made: its output `artifact`.'),
  url: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).max(2_000).optional().describe('A link. What it leads to may change, and is no part of the evidence hash.'),
  text: z.string().max(100_000).optional().describe('Markdown.'),
  diff: z.string().max(100_000).optional().describe('A unified diff.'),
  table: table.optional().describe('Columns and rows.'),
  chart: chart.optional().describe('Bars or lines.'),
};

const formsOf = (item: object): string[] => Object.keys(forms).filter((form) => Object.hasOwn(item, form));

/** One thing that an approver looks at before deciding. */
export const evidenceItemSchema = z
  .strictObject({ title, ...forms })
  .refine((item) => formsOf(item).length === 1, { error: `must be exactly one of ${Object.keys(forms).join(', ')}` });

export const evidenceSchema = z.array(evidenceItemSchema).max(50);

export type EvidenceItem = z.infer<typeof evidenceItemSchema>;
