import { z } from 'zod';
import { AppError } from '../../domain/errors';
import type { Json } from '../../domain/json';
import type { Duckdb } from '../../platform/duckdb';
import { defineProcessor, type ProcessorContext } from '../processor';
import { artifactRefSchema, sourceSchema, withSources } from './sources';
import { checkOf, referencedSources, ruleSchema, type Check } from './validation-rules';

const brokenSchema = z.object({ name: z.string(), broken: z.int() });

const output = z.object({
  rowCount: z.int(),
  passed: z.int().describe('Rules that hold'),
  warnings: z.array(brokenSchema).describe('Rules of severity warn that do not hold'),
  report: artifactRefSchema.describe('Every rule with its count and some of the rows that break it'),
});

interface Verdict extends Pick<Check, 'name' | 'severity'> {
  /** Rows that break the rule. */
  broken: number;
  sample: Record<string, Json>[];
}

const sampleRows = 5;
const sampleBytes = 16 * 1024;
const listedRules = 20;

export const dataValidate = defineProcessor({
  name: 'data.validate',
  title: 'Data validation',
  description: 'Checks rows against rules. Fails with `validation_failed` when a rule of severity error does not hold, after saving a report either way. Never retried: the data stays as it is.',
  version: '1.0.0',
  literal: ['rules.sql'],
  input: z.strictObject({
    from: sourceSchema,
    rules: z.array(ruleSchema).min(1).max(200).describe('What must hold'),
    save: z.string().regex(/\.json$/).default('validation.json').describe('Name of the report'),
  }),
  output,
  process: async (context, { from, rules, save }) => {
    const checks = rules.map(checkOf);
    const sources = { input: from, ...referencedSources(rules) };
    const { rowCount, verdicts } = await withSources(context, sources, (duckdb) => judge(context, duckdb, checks));
    const broken = verdicts.filter((verdict) => verdict.broken > 0);
    const report = await context.artifacts.save(save, 'application/json', reportText(rowCount, verdicts), context.signal);
    for (const { name, ...rest } of broken) context.logger[rest.severity](`rule broken: ${name}`, rest);
    const failed = broken.filter(({ severity }) => severity === 'error');
    if (failed.length > 0) throw failure(failed, verdicts.length, { ...report });
    return { rowCount, passed: verdicts.length - broken.length, warnings: broken.map(summary), report };
  },
});

const summary = ({ name, broken }: Verdict): z.output<typeof brokenSchema> => ({ name, broken });

const reportText = (rowCount: number, verdicts: readonly Verdict[]): string =>
  JSON.stringify({ rowCount, rules: verdicts.map((verdict) => ({ ...verdict, passed: verdict.broken === 0 })) }, null, 2);

function failure(failed: readonly Verdict[], total: number, report: { [key: string]: Json }): AppError {
  const listed = failed.slice(0, listedRules).map(({ name, broken }) => `${name} (${broken} rows)`);
  if (failed.length > listedRules) listed.push(`${failed.length - listedRules} more`);
  return new AppError('validation_failed', `${failed.length} of ${total} rules are broken: ${listed.join('; ')}`, {
    details: { rules: failed.slice(0, listedRules).map(summary), report },
  });
}

async function judge(context: ProcessorContext, duckdb: Duckdb, checks: readonly Check[]): Promise<{ rowCount: number; verdicts: Verdict[] }> {
  const { rowCount, broken } = await countRows(duckdb, checks);
  const verdicts: Verdict[] = [];
  for (const [index, { name, severity, count, sample }] of checks.entries()) {
    const found = count === undefined ? broken[index] ?? 0 : await countOne(duckdb, count);
    verdicts.push({ name, severity, broken: found, sample: found > 0 && sample !== undefined ? await sampleOf(duckdb, sample) : [] });
    context.progress(Math.round((100 * (index + 1)) / checks.length), name);
  }
  return { rowCount, verdicts };
}

/** One pass over the data for all rules that look at one row at a time. */
async function countRows(duckdb: Duckdb, checks: readonly Check[]): Promise<{ rowCount: number; broken: Record<number, number> }> {
  const rowwise = checks.flatMap(({ broken }, index) => (broken === undefined ? [] : [{ index, broken }]));
  const counts = rowwise.map(({ index, broken }) => `count(*) filter (where ${broken}) as rule_${index}`);
  const { rows } = await duckdb.rows(`select count(*) as row_count${counts.map((count) => `, ${count}`).join('')} from input`, [], sampleBytes);
  const counted = rows[0] ?? {};
  return {
    rowCount: Number(counted['row_count'] ?? 0),
    broken: Object.fromEntries(rowwise.map(({ index }) => [index, Number(counted[`rule_${index}`] ?? 0)])),
  };
}

async function countOne(duckdb: Duckdb, sql: string): Promise<number> {
  return Number((await duckdb.rows(sql, [], sampleBytes)).rows[0]?.['broken'] ?? 0);
}

/** Some rows for people to look at; none where they are too large to look at. */
async function sampleOf(duckdb: Duckdb, sql: string): Promise<Record<string, Json>[]> {
  try {
    return (await duckdb.rows(`from (\n${sql.replace(/[;\s]+$/, '')}\n) limit ${sampleRows}`, [], sampleBytes)).rows;
  } catch (error) {
    if (error instanceof AppError && error.code === 'output_too_large') return [];
    throw error;
  }
}
