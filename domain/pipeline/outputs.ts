import { errorMessage } from '../errors';
import type { Json, JsonObject } from '../json';
import { evaluateTemplate, type Scope } from './expressions';

/** The outputs of a run, and what is to be said of those that could not be made. */
export interface Outputs {
  outputs: JsonObject;
  warnings: string[];
}

/** Evaluates the outputs of a pipeline. One that fails becomes null with a warning: the run has succeeded without it. */
export function evaluateOutputs(templates: Readonly<Record<string, Json>>, scope: Scope): Outputs {
  const warnings: string[] = [];
  const entries = Object.entries(templates).map(([name, template]): [string, Json] => {
    try {
      return [name, evaluateTemplate(template, scope)];
    } catch (error) {
      warnings.push(`outputs.${name}: ${errorMessage(error)}`);
      return [name, null];
    }
  });
  return { outputs: Object.fromEntries(entries), warnings };
}
