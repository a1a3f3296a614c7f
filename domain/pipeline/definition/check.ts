import type { Json } from '../../json';
import { limits } from '../../limits';
import type { Catalogue } from '../catalogue';
import type { Fault } from '../fault';
import type { Plan, Trigger } from '../plan';
import { checkData } from './data-check';
import type { Document } from './document';
import { ExpressionCheck, type Visible } from './expression-check';
import { checkInput, checkInputSize } from './input-check';
import { readJson } from './json-document';
import { isJson } from './json-value';
import { Nearest } from './nearest';
import { inputSpecs, planHead, planTask } from './normalise';
import { FaultList } from './place';
import { headSchema, taskSchema, type Head } from './schema';
import { kindOf, readShape } from './shape';
import { TaskCheck } from './task-check';
import { listTasks, unknownTask } from './task-list';
import { TimeCheck } from './time-check';
import { TriggerCheck } from './trigger-check';
import { readYaml } from './yaml-document';

export type DefinitionFormat = 'yaml' | 'json';

/** What a check found. There is a plan exactly when there are no errors. */
export interface CheckResult {
  plan: Plan | null;
  errors: Fault[];
  warnings: Fault[];
}

const headShape = { whole: headSchema, partial: headSchema.partial() };
const taskShape = { whole: taskSchema, partial: taskSchema.partial() };

/**
 * Checks a definition and turns it into its plan. Reports everything that is wrong with it, not only the first fault.
 * Takes a few seconds for 100,000 tasks; hostile texts may take memory, so that servers use `DefinitionChecker`.
 */
export function checkDefinition(text: string, format: DefinitionFormat, catalogue: Catalogue): CheckResult {
  const tooLarge = sizeFault(text, format);
  if (tooLarge) return { plan: null, errors: [tooLarge], warnings: [] };
  const [faults, warnings] = [new FaultList(), new FaultList()];
  const body = text.replace(/^\uFEFF/, '');
  const document = format === 'json' ? readJson(body, faults) : readYaml(body, faults);
  const plan = document.value === undefined ? null : checkValue(document, catalogue, faults, warnings);
  return {
    plan: faults.empty ? plan : null,
    errors: faults.resolve((places) => document.positionsOf(places)),
    warnings: warnings.resolve((places) => document.positionsOf(places)),
  };
}

function sizeFault(text: string, format: DefinitionFormat): Fault | null {
  const most = format === 'json' ? limits.jsonBytes : limits.yamlBytes;
  const bytes = Buffer.byteLength(text);
  if (bytes <= most) return null;
  return { code: 'document.too_large', message: `the document has ${bytes} bytes, at most ${most} are accepted in ${format.toUpperCase()}`, path: '', line: 1, column: 1 };
}

function checkValue({ value }: Document, catalogue: Catalogue, faults: FaultList, warnings: FaultList): Plan | null {
  if (!checkData(value, faults)) return null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    faults.add({ path: [] }, 'field.type', `a definition must be a map of fields, this is ${kindOf(value)}`);
    return null;
  }
  const nearest = new Nearest();
  return checkHead(readShape(headShape, value, [], faults, nearest), { catalogue, faults, warnings, nearest });
}

/** The door is passed before the run has a workflow, and so before it is started. */
const atTheDoor: Visible = { names: new Set(['inputs', 'run']), runFields: ['id', 'scheduledAt', 'trigger', 'requestedBy'] };

interface Context {
  catalogue: Catalogue;
  faults: FaultList;
  warnings: FaultList;
  nearest: Nearest;
}

function checkHead(head: Partial<Head>, context: Context): Plan | null {
  const { faults, warnings, nearest } = context;
  const inputs = Object.fromEntries(Object.entries(inputSpecs(head.inputs)).map(([name, spec]) => [name, checkInput(spec, ['inputs', name], faults)]));
  const defaults = Object.entries(inputs).flatMap(([name, spec]): [string, Json][] => (spec.default === undefined ? [] : [[name, spec.default]]));
  checkInputSize(Object.fromEntries(defaults), ['inputs'], 'the defaults', faults);
  const expressions = new ExpressionCheck(inputs, faults, warnings, nearest);
  const triggerCheck = new TriggerCheck(head.name, inputs, expressions, faults, nearest);
  const triggers = (head.triggers ?? []).map((trigger, index) => triggerCheck.check(trigger, ['triggers', index]));
  if (head.concurrency?.key !== undefined) expressions.template(head.concurrency.key, ['concurrency', 'key'], atTheDoor);
  const tasks = checkTasks(head, expressions, context);
  return tasks && faults.empty ? completePlan(planHead(head, inputs), triggers.filter((trigger) => trigger !== null), tasks) : null;
}

function completePlan(head: Omit<Plan, 'tasks' | 'triggers'>, triggers: Trigger[], tasks: Plan['tasks']): Plan {
  return { ...head, ...(triggers.length > 0 ? { triggers } : {}), tasks };
}

function checkTasks(head: Partial<Head>, expressions: ExpressionCheck, { catalogue, faults, warnings, nearest }: Context): Plan['tasks'] | null {
  const raw = head.tasks ?? [];
  if (raw.length > limits.tasks) {
    faults.add({ path: ['tasks'] }, 'task.too_many', `there are ${raw.length} tasks, at most ${limits.tasks} are accepted`);
    return null;
  }
  const read = raw.map((task, index) => readShape(taskShape, task, ['tasks', index], faults, nearest));
  const list = listTasks(read, faults, warnings, nearest);
  const taskCheck = new TaskCheck(list, catalogue, expressions, faults, nearest);
  const times = new TimeCheck(head, faults);
  read.forEach((task, index) => {
    taskCheck.check(index);
    times.task(task, ['tasks', index]);
  });
  checkOutputs(head, list.indexOf, expressions, nearest);
  if (!faults.empty) return null;
  const { defaults } = planHead(head, {});
  return read.flatMap((task, index) => {
    const entry = catalogue.get(task.uses ?? '');
    return entry ? [planTask(task, entry, list.needs[index] ?? [], taskCheck.readsOf(index), defaults)] : [];
  });
}

/** Outputs are made after the last task, and so may read all of them. */
function checkOutputs({ outputs }: Partial<Head>, indexOf: ReadonlyMap<string, number>, expressions: ExpressionCheck, nearest: Nearest): void {
  const admit = (id: string) => (indexOf.has(id) ? null : unknownTask(id, indexOf, nearest));
  if (isJson(outputs)) expressions.template(outputs, ['outputs'], { names: new Set(['inputs', 'tasks', 'run']), admit });
}
