/** Where an expression stands: an `if` also has the status functions. */
export type Dialect = 'value' | 'condition';

/** What is wrong with an expression, and where in its source. */
export interface SourceFault {
  code: 'expression.syntax' | 'expression.too_large' | 'expression.function' | 'expression.type';
  message: string;
  start: number;
  end: number;
  /** A name that does not exist, and those that do: the nearest one is what was probably meant. */
  unknown?: { name: string; known: readonly string[] };
}
