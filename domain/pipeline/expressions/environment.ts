import { Environment } from '@marcbachmann/cel-js';
import { type Duration } from '@marcbachmann/cel-js/evaluator';
import { AppError } from '../../errors';
import { limits } from '../../limits';

/** What the status functions of a condition answer. */
export interface StatusAnswers {
  success: boolean;
  failure: boolean;
  cancelled: boolean;
}

/** The functions that only an `if` has. */
export const statusFunctions = ['success', 'failure', 'cancelled', 'always'] as const;
export type StatusFunction = (typeof statusFunctions)[number];

let answers: StatusAnswers | null = null;

/** Evaluation is synchronous, so the answers of one condition at a time are in use. */
export function withAnswers<T>(given: StatusAnswers, evaluate: () => T): T {
  const outer = answers;
  answers = given;
  try {
    return evaluate();
  } finally {
    answers = outer;
  }
}

/** Expressions inside values: names are checked by walking the syntax tree, so to the library all of them are dynamic. */
export const valueEnvironment = extend(
  new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
    limits: { maxAstNodes: limits.expressionNodes, maxDepth: limits.expressionDepth },
  }),
);

/** Expressions of an `if`. */
export const conditionEnvironment = withStatusFunctions(valueEnvironment.clone());

function withStatusFunctions(environment: Environment): Environment {
  const answer = (name: keyof StatusAnswers) => () => {
    if (answers) return answers[name];
    throw new AppError('expression_failed', `${name}() has no answer outside an \`if\``);
  };
  return environment
    .registerFunction('success(): bool', answer('success'), { async: false })
    .registerFunction('failure(): bool', answer('failure'), { async: false })
    .registerFunction('cancelled(): bool', answer('cancelled'), { async: false })
    .registerFunction('always(): bool', () => true, { async: false });
}

/** JSON numbers are doubles and literals are integers: CEL alone does not let the two meet. */
function extend(environment: Environment): Environment {
  for (const [left, right] of [['int', 'double'], ['double', 'int']]) {
    environment
      .registerOperator(`${left} + ${right}: double`, (a: number, b: number) => Number(a) + Number(b))
      .registerOperator(`${left} - ${right}: double`, (a: number, b: number) => Number(a) - Number(b))
      .registerOperator(`${left} * ${right}: double`, (a: number, b: number) => Number(a) * Number(b))
      .registerOperator(`${left} / ${right}: double`, (a: number, b: number) => Number(a) / Number(b))
      .registerOperator(`${left} % ${right}: double`, (a: number, b: number) => Number(a) % Number(b));
  }
  environment.registerOperator('double % double', (a: number, b: number) => a % b);
  environment.registerOperator('int == double', (a: bigint, b: number) => Number(a) === b);
  return withTexts(withPositions(environment));
}

/** Timestamps and durations as text, in the form that they have in JSON. */
function withTexts(environment: Environment): Environment {
  return environment
    .registerFunction('string(google.protobuf.Timestamp): string', (time: Date) => time.toISOString(), { async: false })
    .registerFunction('string(google.protobuf.Duration): string', (duration: Duration) => duration.toString(), { async: false });
}

/** Positions in a text may come from JSON, and so be doubles. */
function withPositions(environment: Environment): Environment {
  const cut = (text: string, from: number | bigint, to: number | bigint = text.length): string => {
    const [start, end] = [whole(from), whole(to)];
    if (start >= 0 && start <= end && end <= text.length) return text.substring(start, end);
    throw new AppError('expression_failed', `substring(${start}, ${end}) is outside of a text of ${text.length} characters`);
  };
  return environment
    .registerFunction('string.substring(double): string', cut, { async: false })
    .registerFunction('string.substring(double, double): string', cut, { async: false })
    .registerFunction('string.substring(int, double): string', cut, { async: false })
    .registerFunction('string.substring(double, int): string', cut, { async: false });
}

function whole(position: number | bigint): number {
  const value = Number(position);
  if (Number.isInteger(value)) return value;
  throw new AppError('expression_failed', `${value} is not a whole number`);
}
