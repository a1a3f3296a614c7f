import { z } from 'zod';
import { identifier, literal } from '../../platform/sql-text';
import { exactlyOne } from './shapes';
import { sourceName, sourceSchema, type Source } from './sources';

const value = z.union([z.string(), z.number()]);
const checks = ['rowCount', 'notNull', 'unique', 'range', 'in', 'regex', 'reference', 'sql'] as const;
const needsColumn: readonly (typeof checks)[number][] = ['notNull', 'range', 'in', 'regex', 'reference'];

/** Bounds of which one may be left out; both would be a rule that nothing breaks. */
const bounds = <T extends z.ZodType>(of: T) => z.strictObject({ min: of.optional(), max: of.optional() })
  .refine(({ min, max }) => min !== undefined || max !== undefined, { error: 'needs min or max' }).meta({ minProperties: 1 });

/** One rule: a name, a severity, and exactly one check. Null breaks only `notNull`. */
export const ruleSchema = exactlyOne(z.strictObject({
  name: z.string().min(1).max(200).optional().describe('What the report calls the rule; made from the check when left out'),
  severity: z.enum(['error', 'warn']).default('error').describe('warn does not fail the task'),
  column: z.string().min(1).optional().describe('Column that is checked'),
  rowCount: bounds(z.int().min(0)).optional().describe('Bounds of the number of rows, both included'),
  notNull: z.literal(true).optional().describe('The column has a value in every row'),
  unique: z.union([z.literal(true), z.array(z.string().min(1)).min(1)]).optional()
    .describe('No two rows are equal in these columns; true means `column`, or the whole row'),
  range: bounds(value).optional().describe('Bounds of the values, both included'),
  in: z.array(z.union([value, z.boolean()])).min(1).optional().describe('The values that are allowed'),
  regex: z.string().min(1).optional().describe('What is found in every value (RE2, linear time); ^ and $ anchor it'),
  reference: z.strictObject({ from: sourceSchema, column: z.string().min(1) }).optional().describe('Every value occurs in a column of another source'),
  sql: z.string().min(1).optional().describe('One SELECT that gives the rows which break the rule; the data is called `input`'),
}).refine((rule) => rule.column !== undefined || !needsColumn.some((check) => rule[check] !== undefined), { error: '"column" is needed' }), checks)
  // The refinement again in JSON Schema, so that a definition is refused before it runs.
  .meta({ dependentRequired: Object.fromEntries(needsColumn.map((check) => [check, ['column']])) });

export type Rule = z.output<typeof ruleSchema>;

/** A rule as SQL over the view `input`. */
export interface Check {
  name: string;
  severity: 'error' | 'warn';
  /** Condition of a row that breaks the rule: such rules are all counted in one pass over the data. */
  broken?: string;
  /** Otherwise a query that gives how many rows break it, as `broken`. */
  count?: string;
  /** Rows that break the rule. */
  sample?: string;
}

/** The view of a rule's reference. */
const referenceAlias = (index: number): string => `reference_${index}`;

/** Further sources that the rules read, by alias. */
export const referencedSources = (rules: readonly Rule[]): Record<string, Source> =>
  Object.fromEntries(rules.flatMap(({ reference }, index) => (reference === undefined ? [] : [[referenceAlias(index), reference.from]])));

export function checkOf(rule: Rule, index: number): Check {
  const { name, ...sql } = describe(rule, index);
  return { name: rule.name ?? name, severity: rule.severity, ...sql };
}

function describe(rule: Rule, index: number): Omit<Check, 'severity'> {
  const text = rule.column ?? '';
  const column = identifier(text);
  if (rule.rowCount) return rowCount(rule.rowCount);
  if (rule.notNull) return rowwise(`${text} is not null`, `${column} is null`);
  if (rule.unique) return unique(rule.unique === true ? [rule.column ?? []].flat() : rule.unique);
  if (rule.range) return range(text, rule.range);
  if (rule.in) return rowwise(`${text} is one of ${rule.in.join(', ')}`, `${column} not in (${rule.in.map(literal).join(', ')})`);
  if (rule.regex !== undefined) return rowwise(`${text} matches ${rule.regex}`, `not regexp_matches(${column}::varchar, ${literal(rule.regex)})`);
  if (rule.reference) return reference(text, rule.reference, referenceAlias(index));
  return { name: `query ${index + 1}`, ...counted(rule.sql ?? '') };
}

const rowwise = (name: string, broken: string): Omit<Check, 'severity'> => ({ name, broken, sample: `from input where ${broken}` });

const counted = (rows: string): Pick<Check, 'count' | 'sample'> => ({ count: `select count(*) as broken from (\n${rows.replace(/[;\s]+$/, '')}\n)`, sample: rows });

/** How many rows are missing, or too many. */
function rowCount({ min = 0, max }: { min?: number | undefined; max?: number | undefined }): Omit<Check, 'severity'> {
  const tooMany = max === undefined ? '0' : `greatest(count(*) - ${max}, 0)`;
  return {
    name: max === undefined ? `at least ${min} rows` : `${min} to ${max} rows`,
    count: `select greatest(${min} - count(*), 0) + ${tooMany} as broken from input`,
  };
}

/** Counts every row beyond the first of its kind. */
function unique(columns: readonly string[]): Omit<Check, 'severity'> {
  const grouping = columns.length === 0 ? '* ' : `${columns.map(identifier).join(', ')} `;
  const groups = `select ${grouping}, count(*) as occurrences from input group by all having count(*) > 1`;
  return {
    name: columns.length === 0 ? 'no row occurs twice' : `${columns.join(', ')} unique`,
    count: `select coalesce(sum(occurrences - 1), 0)::bigint as broken from (${groups})`,
    sample: groups,
  };
}

function range(text: string, { min, max }: { min?: string | number | undefined; max?: string | number | undefined }): Omit<Check, 'severity'> {
  const column = identifier(text);
  const bounds = [...(min === undefined ? [] : [`${column} < ${literal(min)}`]), ...(max === undefined ? [] : [`${column} > ${literal(max)}`])];
  return rowwise(`${text} is between ${min ?? 'anything'} and ${max ?? 'anything'}`, bounds.length === 0 ? 'false' : bounds.join(' or '));
}

function reference(text: string, { column, from }: { column: string; from: Source }, alias: string): Omit<Check, 'severity'> {
  const known = `from ${alias} where ${alias}.${identifier(column)} = input.${identifier(text)}`;
  return {
    name: `${text} is in ${column} of ${sourceName(from)}`,
    ...counted(`select * from input where ${identifier(text)} is not null and not exists (${known})`),
  };
}
