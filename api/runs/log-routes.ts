import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { isFinalRun } from '../../domain/pipeline/status';
import { findRunStatus, type RunStatusRow } from '../../db/run-queries';
import { listLogs, type LogRow } from '../../db/run-stream-queries';
import { refuseEndedKey } from '../auth';
import { noBody } from '../body';
import { writeOut } from '../event-stream';
import { route, streamed, type Call } from '../route';
import { ChangeWatch } from '../wait';
import { endOfInterest } from './answers';
import { logsQuery, runParams, type logLineSchema } from './schemas';

const linesAtOnce = 1_000;
const idleMs = 15_000;

type LogsCall = Call<{ id: string }, z.output<typeof logsQuery>, unknown>;

const unitOf = (row: LogRow): string => (row.instance >= 0 ? `${row.task}[${row.instance}]` : row.task);

const lineView = (row: LogRow): z.output<typeof logLineSchema> => ({
  id: row.id, at: row.at.toISOString(), level: row.level, task: row.task, instance: row.instance >= 0 ? row.instance : null,
  generation: row.generation, attempt: row.attempt, message: row.message, ...(row.fields && { fields: row.fields }),
});

const jsonLine = (row: LogRow): string => `${JSON.stringify(lineView(row))}\n`;

/** For people: a log line never holds a line break or a terminal's control codes of its own. */
const textLine = (row: LogRow): string => {
  const message = row.message.replaceAll(/\r?\n/g, '\n    ').replaceAll(/[^\P{Cc}\n\t]/gu, '\u{FFFD}');
  const fields = row.fields && Object.keys(row.fields).length > 0 ? ` ${JSON.stringify(row.fields)}` : '';
  return `${row.at.toISOString()} ${row.level.padEnd(5)} ${unitOf(row)}#${row.attempt} ${message}${fields}\n`;
};

const lineFormat = ({ query, request }: LogsCall): 'json' | 'text' =>
  query.format ?? (request.accepts(['application/x-ndjson', 'application/json', 'text/plain']) === 'text/plain' ? 'text' : 'json');

/** Sends the lines after line `after`. @returns the id of the last one */
async function sendLines(call: LogsCall, lineOf: (row: LogRow) => string, after: number): Promise<number> {
  let last = after;
  for (;;) {
    const rows = await listLogs(call.deps.pool, call.params.id, call.query, { after: last, limit: linesAtOnce });
    await writeOut(call.response, rows.map(lineOf).join(''));
    last = rows.at(-1)?.id ?? last;
    if (rows.length < linesAtOnce || call.response.destroyed) return last;
  }
}

/** Workers write lines a moment later than the workflow ends. */
const lateLinesMs = 600;
/** A run that ended longer ago than this, by any of the clocks, has all its lines. */
const settledMs = 5_000;
const maySpeakOn = (run: RunStatusRow | undefined): boolean => run?.finishedAt != null && Date.now() - run.finishedAt.getTime() < settledMs;

/** Sends what is there and then what comes, until the run is final. Writers of lines say so on the run's channel. */
async function followLines(call: LogsCall, lineOf: (row: LogRow) => string): Promise<void> {
  const watch = new ChangeWatch(call.deps.changes, call.params.id);
  const interest = endOfInterest(call);
  let last = call.query.after;
  let run: RunStatusRow | undefined;
  try {
    do {
      await watch.next(idleMs, interest);
      await refuseEndedKey(call.deps.pool, call.caller);
      run = await findRunStatus(call.deps.pool, call.params.id);
      last = await sendLines(call, lineOf, last);
    } while (!interest.aborted && run && !isFinalRun(run.status));
    if (!interest.aborted && maySpeakOn(run) && (await watch.next(lateLinesMs, interest))) await sendLines(call, lineOf, last);
  } finally {
    watch.close();
  }
}

export const logRoutes = [
  route({
    method: 'get', path: '/v1/runs/{id}/logs', tag: 'runs', access: 'viewer', summary: 'Log lines of the tasks of a run',
    params: runParams, query: logsQuery, body: noBody,
    success: { 200: 'one line each, in the order in which they arrived' }, result: z.string(), media: ['application/x-ndjson', 'text/plain'],
    async handle(call) {
      const { deps, params, query, response } = call;
      if (!(await findRunStatus(deps.pool, params.id))) throw new AppError('not_found', `There is no run ${params.id}.`);
      const format = lineFormat(call);
      const lineOf = format === 'json' ? jsonLine : textLine;
      response.status(200).set('Content-Type', format === 'json' ? 'application/x-ndjson; charset=utf-8' : 'text/plain; charset=utf-8');
      if (query.follow === 'true') {
        response.flushHeaders();
        await followLines(call, lineOf);
        if (deps.stopping.aborted) {
          // Broken off, not ended: a client would take the end for the end of the run's lines, and not ask for the rest.
          response.destroy();
          return streamed;
        }
      } else {
        await sendLines(call, lineOf, query.after);
      }
      response.end();
      return streamed;
    },
  }),
];
