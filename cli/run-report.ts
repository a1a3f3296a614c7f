import { defaultPriority } from '../domain/pipeline/plan';
import type { RunView, TaskView } from '../domain/pipeline/run';
import { standingOf } from './live-state';
import type { Output } from './output';
import { paintStatus } from './permanent-lines';
import type { Column } from './table';
import { oneLine } from './text';
import { humanAge, humanElapsed } from './time';
import type { RunWithTasks, TaskDetail } from './wire';

/** A run for people: what it is, why it is where it is (`now`, of an open one), how it went, and its tasks. */
export function runLines(output: Output, run: RunWithTasks, now: string | null = null): string[] {
  const { paint } = output;
  return [
    `${paint.bold(oneLine(run.pipeline))} v${run.version}  ${paintStatus(run.status, run.status, paint)}`,
    ...output.fields([...runFields(output, run), ['now', now]]),
    ...(run.error === null ? [] : [paint.red(`${run.error.code}: ${oneLine(run.error.message)}`)]),
    ...run.warnings.map((warning) => paint.yellow(`warning: ${oneLine(warning)}`)),
    '',
    ...taskTableLines(output, run.tasks),
    ...Object.entries(run.outputs ?? {}).map(([name, value]) => `${paint.dim(`${name} =`)} ${oneLine(JSON.stringify(value))}`),
  ];
}

/** Tasks in the order of the API; instances of a `forEach` follow their task. */
const taskTableLines = (output: Output, tasks: TaskView[]): string[] => output.tableLines(taskColumns(output), tasks);

export const taskColumns = (output: Output): Column<TaskView>[] => [
  { title: 'TASK', value: (task) => (task.instance === null ? task.id : `  ${task.id}[${task.instance}]`) },
  { title: 'STATUS', value: (task) => task.status, paint: (text, task) => paintStatus(task.status, text, output.paint) },
  { title: 'TRY', value: (task) => (task.attempt > 0 ? String(task.attempt) : ''), align: 'right' },
  { title: 'TOOK', value: (task) => humanElapsed(task.startedAt, task.finishedAt, output.nowMs()), align: 'right' },
  { title: 'USES', value: (task) => task.uses },
  { title: 'WORD', value: (task) => wordOf(task, output.nowMs()), flexible: true },
];

/** One task with what it gave, its failed attempts and, of a `forEach`, the first of its instances. */
export function taskDetailLines(output: Output, task: TaskDetail): string[] {
  const { instances: { items, nextCursor }, attempts } = task;
  return [
    ...taskTableLines(output, [task]),
    ...output.fields([['needs', task.needs.join(', ')], ['output', task.output === null ? null : oneLine(JSON.stringify(task.output))]]),
    ...(attempts.length === 0 ? [] : ['', ...output.tableLines([
      { title: 'ATTEMPT', value: (each) => `${each.instance === null ? '' : `[${each.instance}] `}${each.attempt}` },
      { title: 'STARTED', value: (each) => each.startedAt },
      { title: 'TOOK', value: (each) => humanElapsed(each.startedAt, each.finishedAt, output.nowMs()), align: 'right' },
      { title: 'WORKER', value: (each) => each.worker ?? '', flexible: true },
      { title: 'ERROR', value: (each) => (each.error === null ? '' : `${each.error.code}: ${each.error.message}`), flexible: true },
    ], attempts)]),
    ...(items.length === 0 ? [] : ['', ...taskTableLines(output, items)]),
    ...(nextCursor === null ? [] : [output.paint.dim('… and more instances')]),
  ];
}

/** The most telling thing about a task now. */
function wordOf(task: TaskView, nowMs: number): string {
  if (task.reusedFrom !== null) return `from run ${task.reusedFrom}`;
  const error = task.error === null ? '' : `${task.error.code}: ${task.error.message}`;
  if (task.nextAttemptAt !== null) return `tries again ${Date.parse(task.nextAttemptAt) - nowMs < 1_000 ? 'now' : humanAge(task.nextAttemptAt, nowMs)} after ${error}`;
  if (task.error !== null) return error;
  if (task.waitingFor !== null) return standingOf(task) ?? `waits for ${task.waitingFor}`;
  if (task.status !== 'running' || task.progress === null) return '';
  return `${Math.floor(task.progress.percent)} % ${task.progress.message ?? ''}`;
}

function runFields(output: Output, run: RunView): [string, string | null][] {
  const now = output.nowMs();
  const pairs = (values: object): string => Object.entries(values).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' ');
  return [
    ['run', run.id],
    ['made', `${humanAge(run.createdAt, now)} by ${oneLine(run.requestedBy)} (${run.trigger.type}${run.trigger.name ? ` ${run.trigger.name}` : ''})`],
    ['took', humanElapsed(run.startedAt, run.finishedAt, now)],
    ['inputs', oneLine(pairs(run.inputs))],
    ['labels', oneLine(pairs(run.labels))],
    ['priority', run.priority === defaultPriority ? null : String(run.priority)],
    ['rerun of', run.rerunOf],
    ['parent', run.parentRun],
    ['workflow', run.workflowId],
    ['temporal', run.links.temporal],
    ['console', run.links.console],
  ];
}
