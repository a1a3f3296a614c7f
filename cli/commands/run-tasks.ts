import type { Command } from 'commander';
import type { RunView, TaskView } from '../../domain/pipeline/run';
import type { Cli, Wire } from '../cli';
import { exitCode, type ExitCode } from '../exit-code';
import { collect, runArgument } from '../options';
import { runPath } from '../run-follower';
import { resolveRunId } from '../resource-id';
import { taskColumns, taskDetailLines } from '../run-report';
import type { TaskDetail } from '../wire';

/** `runs tasks|retry-task|cancel-task`. */
export function runTaskCommands(group: Command, wire: Wire): void {
  group.command('tasks').description('the tasks of a run, or one of them with its attempts and instances')
    .argument(...runArgument).argument('[task]')
    .option('-s, --status <status>', 'in this state only (repeatable)', collect)
    .action(wire(async (cli, argument: string, task: string | undefined, options: { status?: string[] }) => {
      const id = await resolveRunId(cli.client, argument);
      if (task !== undefined) return showTask(cli, id, task);
      const tasks = await cli.client.list<TaskView>(`${runPath(id)}/tasks`, { status: options.status });
      cli.output.table(taskColumns(cli.output), tasks, 'No such tasks.');
      return exitCode.done;
    }));

  group.command('retry-task').description('run a failed task again, while its run is still open')
    .argument(...runArgument).argument('<task>')
    .action(wire((cli, argument: string, task: string) => actOnTask(cli, argument, task, 'retry')));

  group.command('cancel-task').description('end one task of a run')
    .argument(...runArgument).argument('<task>')
    .action(wire((cli, argument: string, task: string) => actOnTask(cli, argument, task, 'cancel')));
}

async function showTask(cli: Cli, runId: string, taskId: string): Promise<ExitCode> {
  const task = await cli.client.get<TaskDetail>(`${runPath(runId)}/tasks/${encodeURIComponent(taskId)}`);
  cli.output.show(task, () => taskDetailLines(cli.output, task));
  return exitCode.done;
}

async function actOnTask(cli: Cli, argument: string, task: string, action: 'retry' | 'cancel'): Promise<ExitCode> {
  const id = await resolveRunId(cli.client, argument);
  const run = await cli.client.post<RunView>(`${runPath(id)}/tasks/${encodeURIComponent(task)}/${action}`, { json: {} });
  cli.output.show(run, () => [`task ${task}: ${action} asked for; run ${id} is ${run.status}`]);
  return exitCode.done;
}
