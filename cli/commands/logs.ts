import type { Command } from 'commander';
import { AppError } from '../../domain/errors';
import type { Cli, Wire } from '../cli';
import { exitCode } from '../exit-code';
import { readJsonLines } from '../json-text';
import { wholeNumber, runArgument } from '../options';
import type { Paint } from '../output';
import { retryDelayMs, sleep, watchRetry } from '../retry';
import { runPath } from '../run-follower';
import { resolveRunId } from '../resource-id';
import { oneLine, safeText } from '../text';
import type { LogLine } from '../wire';

interface LogOptions {
  task?: string;
  attempt?: number;
  level?: string;
  follow?: true;
}

/** `runs logs`. */
export function logsCommand(group: Command, wire: Wire): void {
  group.command('logs').description('what the tasks of a run logged').argument(...runArgument)
    .option('-t, --task <task>', 'of this task only')
    .option('--attempt <number>', 'of this attempt only', wholeNumber)
    .option('--level <level>', 'at least this severe: debug, info, warn, error')
    .option('-f, --follow', 'go on until the run ends')
    .action(wire(async (cli, argument: string, options: LogOptions) => {
      const id = await resolveRunId(cli.client, argument);
      await streamLogs(cli, id, options, (line) => {
        if (cli.output.json) cli.output.record(line);
        else cli.output.lines([logText(line, cli.output.paint)]);
      });
      return exitCode.done;
    }));
}

/** Reads lines as they come; a broken connection goes on after the last line that arrived. */
async function streamLogs(cli: Cli, runId: string, options: LogOptions, onLine: (line: LogLine) => void): Promise<void> {
  let after: string | undefined;
  for (let failures = 0; ;) {
    try {
      const { task, attempt, level, follow } = options;
      const query = { task, attempt, level, follow, after };
      const response = await cli.client.open(`${runPath(runId)}/logs`, { query, headers: { accept: 'application/x-ndjson' } });
      for await (const line of readJsonLines<LogLine>(response.body ?? [])) {
        failures = 0;
        if (line.id !== undefined) after = String(line.id);
        onLine(line);
      }
      return;
    } catch (error) {
      const reason = cli.client.explained(error, undefined);
      failures++;
      if (!(reason instanceof AppError) || !reason.retryable || failures >= watchRetry.attempts) throw reason;
      await sleep(retryDelayMs(watchRetry, failures, undefined) ?? watchRetry.maxDelayMs);
    }
  }
}

function logText(line: LogLine, paint: Paint): string {
  const unit = line.instance === null ? line.task : `${line.task}[${line.instance}]`;
  const attempt = line.attempt > 1 ? `#${line.attempt}` : '';
  const fields = line.fields && Object.keys(line.fields).length > 0 ? paint.dim(`  ${oneLine(JSON.stringify(line.fields))}`) : '';
  const time = line.at.replace('T', ' ').replace(/^\S+ |Z$/g, '');
  return `${paint.dim(time)} ${levelText(line.level, paint)} ${paint.cyan(oneLine(unit) + attempt)}  ${safeText(line.message).replace(/\n/g, '\n    ')}${fields}`;
}

function levelText(level: string, paint: Paint): string {
  const text = level.toUpperCase().padEnd(5);
  if (level === 'error') return paint.red(text);
  return level === 'warn' ? paint.yellow(text) : paint.dim(text);
}
