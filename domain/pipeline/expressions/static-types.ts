import type { Environment } from '@marcbachmann/cel-js';
import type { InputSpec } from '../plan';
import { conditionEnvironment, valueEnvironment } from './environment';
import { inspect, type Inspected } from './program';
import type { Dialect, SourceFault } from './source-fault';

/** Large documents repeat a few expressions or none: remembering all of 100,000 costs more than checking them again. */
const mostKnown = 1_000;

/** Stands for the inputs in a type check; it is never made. */
class Inputs {}

const celTypes = { string: 'string', boolean: 'bool', array: 'list', object: 'map<string, dyn>' } as const;

/**
 * Checks expressions against the declared types of a pipeline's inputs, so that a type error shows without a run.
 * A JSON number may meet integers and doubles alike, and CEL has no type for that: numbers are taken as integers, then
 * as doubles, and an error counts only if it stays at its place.
 */
export class StaticTypes {
  readonly #asInteger: Environments;
  readonly #asDouble: Environments;
  readonly #known = new Map<string, Inspected>();

  constructor(inputs: Readonly<Record<string, InputSpec>>) {
    this.#asInteger = environmentsFor(inputs, 'int');
    this.#asDouble = environmentsFor(inputs, 'double');
  }

  check(source: string, dialect: Dialect): Inspected {
    const key = `${dialect} ${source}`;
    const known = this.#known.get(key);
    if (known) return known;
    const inspected = this.#check(source, dialect);
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(key, inspected);
    return inspected;
  }

  #check(source: string, dialect: Dialect): Inspected {
    const first = inspect(source, dialect, this.#asInteger[dialect]);
    if (!isTypeFault(first)) return first;
    const second = inspect(source, dialect, this.#asDouble[dialect]);
    if (!isTypeFault(second)) return second;
    return first.fault.start === second.fault.start && first.fault.end === second.fault.end ? first : inspect(source, dialect);
  }
}

type Environments = Readonly<Record<Dialect, Environment>>;

function environmentsFor(inputs: Readonly<Record<string, InputSpec>>, number: 'int' | 'double'): Environments {
  const fields = Object.fromEntries(
    Object.entries(inputs).map(([name, { type }]) => [name, type === 'integer' || type === 'number' ? number : celTypes[type]]),
  );
  const extend = (environment: Environment): Environment =>
    environment.clone().registerType('Inputs', { ctor: Inputs, fields }).registerVariable('inputs', 'Inputs').registerVariable('index', number);
  return { value: extend(valueEnvironment), condition: extend(conditionEnvironment) };
}

function isTypeFault(inspected: Inspected): inspected is { fault: SourceFault } {
  return 'fault' in inspected && inspected.fault.code === 'expression.type';
}
