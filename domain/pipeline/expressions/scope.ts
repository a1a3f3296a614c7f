import type { Json, JsonObject } from '../../json';

/** What an expression sees of a task. The output of a task that did not succeed is null. */
export interface TaskScope {
  output: Json;
  status: string;
  error: { code: string; message: string } | null;
}

/** The names that an expression may read; each place of a definition gives some of them. */
export interface Scope {
  inputs?: JsonObject;
  tasks?: Readonly<Record<string, TaskScope>>;
  run?: object;
  secrets?: Readonly<Record<string, string>>;
  event?: Json;
  index?: number;
  /** The item of a `forEach`, under the name that its `as` gives. */
  [as: string]: unknown;
}

export const contextOf = (scope: Scope): ReadonlyMap<string, unknown> => new Map(Object.entries(scope).filter(([, value]) => value !== undefined));
