import { EvaluationError, ParseError, TypeError as CelTypeError, type Environment, type ParseResult } from '@marcbachmann/cel-js';
import { utf8Bytes } from '../../bytes';
import { AppError, errorMessage } from '../../errors';
import type { Json } from '../../json';
import { limits } from '../../limits';
import { bound } from './bounds';
import { celNode } from './cel-node';
import { conditionEnvironment, valueEnvironment } from './environment';
import { findMisuse } from './functions';
import { namesOf, type Names } from './names';
import type { Dialect, SourceFault } from './source-fault';
import { toJson } from './values';

/** What is known of an expression without evaluating it. */
export interface Inspection {
  names: Names;
  /** The static type of its value, `dyn` where only the data will tell. */
  type: string;
}

/** A fault of types comes with the names: a name that does not exist is the better reason. */
export type Inspected = Inspection | { fault: SourceFault; names?: Names };

/** A checked expression that can be evaluated any number of times, within bounds. */
export interface Program extends Inspection {
  /** Gives a JSON value. Throws `expression_failed`. */
  run(context: ReadonlyMap<string, unknown>): Json;
}

/** Parses and checks an expression; what it names is up to the caller. `environment` may know more types than the usual one. */
export function inspect(source: string, dialect: Dialect, environment: Environment = environmentOf(dialect)): Inspected {
  const parsed = parse(source, dialect, environment);
  return 'fault' in parsed ? parsed : { names: parsed.names, type: parsed.type };
}

type Parsed = Inspection & { evaluate: ParseResult };

function parse(source: string, dialect: Dialect, environment: Environment): Parsed | { fault: SourceFault; names?: Names } {
  const bytes = utf8Bytes(source);
  if (bytes > limits.expressionBytes) {
    return { fault: { code: 'expression.too_large', message: `an expression has at most ${limits.expressionBytes} bytes of source, this one has ${bytes}`, start: 0, end: 0 } };
  }
  if (source.trim() === '') return { fault: { code: 'expression.syntax', message: 'there is no expression', start: 0, end: source.length } };
  try {
    const evaluate = environment.parse(source);
    const names = namesOf(evaluate.ast);
    const misuse = findMisuse(names, dialect);
    if (misuse) return { fault: misuse };
    const { valid, type, error } = evaluate.check();
    return valid ? { names, type: type ?? 'dyn', evaluate } : { fault: faultOf(error, source), names };
  } catch (error) {
    return { fault: faultOf(error, source) };
  }
}

const environmentOf = (dialect: Dialect): Environment => (dialect === 'condition' ? conditionEnvironment : valueEnvironment);

/** Bounded, so that a worker that has seen very many pipelines keeps its memory; the oldest unused go first. */
const maxPrograms = 2_000;
const programs = new Map<string, Program>();

/** The program of an expression, remembered. Throws `expression_failed` when it is not valid. */
export function programOf(source: string, dialect: Dialect): Program {
  const key = `${dialect} ${source}`;
  const found = programs.get(key);
  if (found) {
    programs.delete(key);
    programs.set(key, found);
    return found;
  }
  const parsed = parse(source, dialect, environmentOf(dialect));
  if ('fault' in parsed) throw failure(source, parsed.fault.message, parsed.fault.start);
  const { names, type, evaluate } = parsed;
  bound(celNode(evaluate.ast));
  const program: Program = { names, type, run: (context) => run(source, evaluate, context) };
  programs.set(key, program);
  for (const oldest of programs.keys()) {
    if (programs.size <= maxPrograms) break;
    programs.delete(oldest);
  }
  return program;
}

function run(source: string, evaluate: ParseResult, context: ReadonlyMap<string, unknown>): Json {
  try {
    const names: Record<string, unknown> = { __proto__: null, ...Object.fromEntries(context) };
    return toJson(evaluate(names));
  } catch (error) {
    const { message, start } = faultOf(error, source);
    throw failure(source, message, start);
  }
}

function failure(source: string, message: string, start: number): AppError {
  const shown = source.trim().length > 200 ? `${source.trim().slice(0, 200)}…` : source.trim();
  return new AppError('expression_failed', `${message} (in \`${shown}\`, character ${start + 1})`);
}

function faultOf(error: unknown, source: string): SourceFault {
  const whole = { start: 0, end: source.length };
  if (error instanceof ParseError) {
    const place = error.range ?? whole;
    return error.code === 'limit_exceeded'
      ? { code: 'expression.too_large', message: limitText(error.summary), ...place }
      : { code: 'expression.syntax', message: error.summary, ...place };
  }
  if (error instanceof CelTypeError || error instanceof EvaluationError) return { code: 'expression.type', message: error.summary, ...(error.range ?? whole) };
  return { code: 'expression.type', message: errorMessage(error), ...whole };
}

function limitText(summary: string): string {
  if (summary.includes('maxAstNodes')) return `an expression has at most ${limits.expressionNodes} nodes`;
  if (summary.includes('maxDepth')) return `an expression is nested at most ${limits.expressionDepth} levels deep`;
  return summary;
}
