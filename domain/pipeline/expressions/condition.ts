import { AppError } from '../../errors';
import { withMeter } from './bounds';
import { statusFunctions, withAnswers, type StatusAnswers } from './environment';
import { Meter } from './meter';
import { programOf } from './program';
import { contextOf, type Scope } from './scope';
import { splitText } from './text';

/**
 * Whether a task with this `if` runs. Without a status function in it, `success()` is implied.
 * @param source one CEL expression, without `${{ }}`
 * Throws `expression_failed`, also for a result that is neither true nor false.
 */
export function evaluateCondition(source: string, scope: Scope, status: StatusAnswers): boolean {
  const program = programOf(source, 'condition');
  if (statusNames(source).size === 0 && !status.success) return false;
  const value = withMeter(new Meter(), () => withAnswers(status, () => program.run(contextOf(scope))));
  if (typeof value === 'boolean') return value;
  throw new AppError('expression_failed', `an \`if\` gives true or false, \`${source}\` gave ${JSON.stringify(value).slice(0, 200)}`);
}

/** The status functions that a condition names. Naming one removes the implied `success()`. */
export function statusNames(source: string): ReadonlySet<string> {
  const known: ReadonlySet<string> = new Set(statusFunctions);
  return new Set(programOf(source, 'condition').names.calls.filter(({ method, name }) => !method && known.has(name)).map(({ name }) => name));
}

/** An `if` as the plan keeps it: one expression, without the `${{ }}` that may stand around it. */
export function bareCondition(text: string): string {
  const { segments } = splitText(text.trim());
  const [only] = segments;
  return segments.length === 1 && only?.kind === 'expression' ? only.source.trim() : text.trim();
}
