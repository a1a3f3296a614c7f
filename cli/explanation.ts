import type { Explanation } from '../domain/pipeline/explain';
import type { Cli } from './cli';
import type { Output } from './output';
import { runPath } from './run-follower';
import { oneLine } from './text';
import { humanAge } from './time';

/** Why a run, or a part of it, is where it is, as the API says. */
export function explanationOf(cli: Cli, runId: string, { task, instance }: { task?: string; instance?: number } = {}): Promise<Explanation> {
  const query = new URLSearchParams({ ...(task !== undefined && { task }), ...(instance !== undefined && { instance: String(instance) }) }).toString();
  return cli.client.get<Explanation>(`${runPath(runId)}/explain${query === '' ? '' : `?${query}`}`);
}

export const explanationLines = (output: Output, { sentence, since, next }: Explanation): string[] => [
  output.paint.bold(oneLine(sentence)),
  ...output.fields([['since', since && `${since} (${humanAge(since, output.nowMs())})`], ['next', oneLine(next)]]),
];

/** The sentence alone, for views that are about something else; null when the API cannot say. */
export const sentenceOf = (cli: Cli, runId: string): Promise<string | null> =>
  explanationOf(cli, runId).then(({ sentence }) => oneLine(sentence), () => null);
