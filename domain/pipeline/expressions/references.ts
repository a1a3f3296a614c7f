import type { Json } from '../../json';
import type { Names } from './names';
import { programOf } from './program';
import { expressionsOf } from './template';

/** What a template or condition reads of its scope. */
export interface References {
  tasks: string[];
  /** Whether it reads any input. */
  inputs: boolean;
  /** The inputs that it names; empty with `inputs` true when it takes them as a whole. */
  inputNames: string[];
  run: boolean;
  event: boolean;
  secrets: string[];
  /** Every other name: the item of a `forEach` and its `index`. */
  locals: string[];
}

/** What the expressions of a template read. Throws `expression_failed` when one is not valid. */
export function referencesOf(template: Json): References {
  return collect([...expressionsOf(template)].map((source) => programOf(source, 'value').names));
}

/** What an `if` reads, given without `${{ }}`. */
export function conditionReferences(source: string): References {
  return collect([programOf(source, 'condition').names]);
}

function collect(all: Names[]): References {
  const paths = all.flatMap(({ uses }) => uses.map(({ path }) => path));
  const under = (root: string): string[] => [...new Set(paths.flatMap(([name, field]) => (name === root && field !== undefined ? [field] : [])))];
  const reads = (root: string): boolean => paths.some(([name]) => name === root);
  const known = new Set(['tasks', 'inputs', 'run', 'event', 'secrets']);
  const locals = [...new Set(paths.flatMap(([name]) => (name !== undefined && !known.has(name) ? [name] : [])))];
  const whole = paths.some((path) => path[0] === 'inputs' && path.length === 1);
  return {
    tasks: under('tasks'),
    inputs: reads('inputs'),
    inputNames: whole ? [] : under('inputs'),
    run: reads('run'),
    event: reads('event'),
    secrets: under('secrets'),
    locals,
  };
}
