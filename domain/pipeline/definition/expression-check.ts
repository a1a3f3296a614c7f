import type { NameUse } from '../expressions/names';
import type { Dialect, SourceFault } from '../expressions/source-fault';
import { StaticTypes } from '../expressions/static-types';
import { mayHoldExpression, splitText } from '../expressions/text';
import type { InputSpec } from '../plan';
import type { Nearest } from './nearest';
import type { FaultList, Path, Place } from './place';
import type { Refusal } from './task-list';

/** What the expressions at one place of a definition may read. */
export interface Visible {
  /** Names of the scope: `inputs`, `tasks`, `run`, `secrets`, `event`, `index`, and the `as` of a `forEach`. */
  names: ReadonlySet<string>;
  /** Fields of `run` that are known at this place; all of them when absent. */
  runFields?: readonly string[];
  /** Whether a task may be read here; the reason why not, or null. Called once for each reference. */
  admit?: (task: string) => Refusal | null;
}

/** An expression where it is written: its source begins at `offset` of a text value. */
interface Written {
  source: string;
  path: Path;
  text: string;
  offset: number;
}

/** What a place makes of an expression's value. */
type Wanted = 'bool' | 'list' | 'json';

const taskFields = ['output', 'status', 'error', 'artifact'];
const allRunFields: readonly string[] = ['id', 'startedAt', 'scheduledAt', 'trigger', 'requestedBy', 'pipeline', 'version'];
const everyName: ReadonlySet<string> = new Set(['inputs', 'tasks', 'run', 'secrets', 'event', 'index']);

/** Checks the expressions of one document; faults point at the word in the expression. */
export class ExpressionCheck {
  readonly #types: StaticTypes;

  constructor(
    private readonly inputs: Readonly<Record<string, InputSpec>>,
    private readonly faults: FaultList,
    private readonly warnings: FaultList,
    private readonly nearest: Nearest,
  ) {
    this.#types = new StaticTypes(inputs);
  }

  /** Checks all strings below a value. */
  template(value: unknown, path: Path, visible: Visible): void {
    if (typeof value === 'string') return this.#text(value, path, visible);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(key) : key];
      if (!Array.isArray(value) && mayHoldExpression(key)) {
        this.faults.add({ path: at, key: true }, 'expression.place', 'a key holds an expression, and expressions are evaluated in values only');
      }
      this.template(item, at, visible);
    }
  }

  /** Checks one expression that stands bare or in `${{ }}`. */
  single(value: string, path: Path, visible: Visible, dialect: Dialect, wanted: Wanted): void {
    const text = value.trim();
    if (!mayHoldExpression(text)) return this.#source({ source: text, path, text, offset: 0 }, visible, dialect, wanted);
    const { segments, unclosedAt } = splitText(text);
    const [only] = segments;
    if (unclosedAt === undefined && segments.length === 1 && only?.kind === 'expression') return this.#source({ ...only, path, text }, visible, dialect, wanted);
    this.faults.add({ path }, 'expression.place', 'must be one expression, with nothing around it');
  }

  #text(text: string, path: Path, visible: Visible): void {
    if (!mayHoldExpression(text)) return;
    const { segments, unclosedAt } = splitText(text);
    for (const segment of segments) if (segment.kind === 'expression') this.#source({ ...segment, path, text }, visible, 'value', 'json');
    if (unclosedAt === undefined) return;
    this.faults.add({ path, within: { text, offset: unclosedAt } }, 'expression.syntax', 'an expression does not end with `}}`');
  }

  #source(written: Written, visible: Visible, dialect: Dialect, wanted: Wanted): void {
    const inspected = this.#types.check(written.source, dialect);
    const before = this.faults.count;
    for (const use of inspected.names?.uses ?? []) this.#use(use, placeIn(written, use.start), visible);
    if (this.faults.count > before) return;
    const fault = 'fault' in inspected ? inspected.fault : unfitness(inspected.type, wanted);
    if (!fault) return;
    const { unknown } = fault;
    this.faults.add(placeIn(written, fault.start), fault.code, fault.message, unknown && this.nearest.to(unknown.name, unknown.known));
  }

  #use(use: NameUse, place: Place, visible: Visible): void {
    const [root = '', field] = use.path;
    if (!visible.names.has(root)) return this.#unknownName(root, place, visible);
    if (root === 'inputs') this.#inputUse(use, place);
    else if (root === 'tasks') this.#taskUse(use, place, visible);
    else if (root === 'secrets' && (field === undefined || (use.computed && use.path.length < 2))) {
      this.faults.add(place, 'expression.name', 'a secret is named as secrets.<NAME>');
    } else if (root === 'run' && field !== undefined) this.#runUse(field, place, visible);
  }

  #runUse(field: string, place: Place, { runFields = allRunFields }: Visible): void {
    if (!allRunFields.includes(field)) this.faults.add(place, 'expression.name', `a run has no ${field}`, this.nearest.to(field, runFields));
    else if (!runFields.includes(field)) this.faults.add(place, 'expression.name', `run.${field} is not known here, only ${runFields.join(', ')}`);
  }

  #unknownName(name: string, place: Place, visible: Visible): void {
    if (everyName.has(name)) this.faults.add(place, 'expression.name', `${name} cannot be read here`);
    else this.faults.add(place, 'expression.name', `unknown name ${name}`, this.nearest.to(name, visible.names));
  }

  #inputUse({ path, required }: NameUse, place: Place): void {
    const name = path[1];
    if (name === undefined) return;
    const spec = Object.hasOwn(this.inputs, name) ? this.inputs[name] : undefined;
    if (!spec) return this.faults.add(place, 'expression.input', `there is no input ${name}`, this.nearest.to(name, Object.keys(this.inputs)));
    if (required >= 2 && !spec.required && spec.default === undefined) {
      this.warnings.add(place, 'expression.may_be_missing', `the input ${name} may be missing: read it as inputs.?${name}.orValue(…)`);
    }
  }

  #taskUse({ path, computed }: NameUse, place: Place, visible: Visible): void {
    const [, task, field] = path;
    if (task === undefined) return this.faults.add(place, 'expression.name', computed ? 'the task must be written out: tasks.<id>' : 'a task is named as tasks.<id>');
    const reason = visible.admit?.(task);
    if (reason) return this.faults.add(place, 'expression.task', reason.message, reason.suggestion);
    if (field !== undefined && !taskFields.includes(field)) {
      this.faults.add(place, 'expression.name', `a task has no ${field}, only ${taskFields.slice(0, 3).join(', ')}`, this.nearest.to(field, taskFields));
    }
  }
}

const placeIn = ({ source, path, text, offset }: Written, start: number): Place =>
  ({ path, within: { text, offset: offset + start, part: { source, offset: start } } });

/** Why a static type does not fit its place; null when it does, or when only the data will tell. */
function unfitness(type: string, wanted: Wanted): Omit<SourceFault, 'end'> | null {
  const fault = (message: string) => ({ code: 'expression.type' as const, message, start: 0 });
  if (type === 'dyn') return null;
  if (wanted === 'bool') return type === 'bool' ? null : fault(`must give true or false, this gives ${type}`);
  if (wanted === 'list') return type.startsWith('list') ? null : fault(`must give a list, this gives ${type}`);
  return type.startsWith('optional') ? fault('the value may be missing: add .orValue(…)') : null;
}
