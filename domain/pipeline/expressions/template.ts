import { AppError } from '../../errors';
import type { Json } from '../../json';
import { withMeter } from './bounds';
import { Meter } from './meter';
import { programOf } from './program';
import { contextOf, type Scope } from './scope';
import { mayHoldExpression, splitText, type Segment } from './text';

/**
 * Gives a template its values. A string that is exactly one expression keeps the value's type; inside longer text,
 * strings go in as they are, null as nothing, the rest as JSON. `$${{` is a literal `${{`.
 * Throws `expression_failed`, with the source and position, and `input_too_large` above `limits.resolvedWithBytes`.
 */
export function evaluateTemplate(template: Json, scope: Scope): Json {
  if (!hasExpression(template)) return template;
  const meter = new Meter();
  const context = contextOf(scope);
  return withMeter(meter, () => resolve(template, context, meter));
}

/** Whether any string of a value holds `${{`. */
export function hasExpression(template: unknown): boolean {
  if (typeof template === 'string') return mayHoldExpression(template);
  if (typeof template !== 'object' || template === null) return false;
  return Object.values(template).some(hasExpression);
}

/** The expressions of a template, in the order of its values. Throws `expression_failed` when one does not end. */
export function* expressionsOf(template: Json): Generator<string> {
  if (typeof template === 'string') {
    for (const segment of segmentsOf(template)) if (segment.kind === 'expression') yield segment.source;
  } else if (typeof template === 'object' && template !== null) {
    for (const value of Object.values(template)) yield* expressionsOf(value);
  }
}

type Context = ReadonlyMap<string, unknown>;

function resolve(template: Json, context: Context, meter: Meter): Json {
  if (typeof template === 'string') return mayHoldExpression(template) ? resolveText(template, context, meter) : template;
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) return template.map((item) => resolve(item, context, meter));
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, resolve(value, context, meter)]));
}

function resolveText(text: string, context: Context, meter: Meter): Json {
  const segments = segmentsOf(text);
  const values = segments.map((segment) => {
    if (segment.kind === 'text') return segment.text;
    const value = programOf(segment.source, 'value').run(context);
    meter.wrote(value);
    return value;
  });
  const [first] = values;
  if (values.length === 1 && first !== undefined) return first;
  return values.map(textOf).join('');
}

function segmentsOf(text: string): Segment[] {
  const { segments, unclosedAt } = splitText(text);
  if (unclosedAt === undefined) return segments;
  throw new AppError('expression_failed', `the expression at character ${unclosedAt + 1} does not end with \`}}\``);
}

function textOf(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
