import type { Command } from 'commander';
import type { Cli, Wire } from '../cli';
import { contentTypeOf, readDocument, type Document } from '../document';
import { exitCode } from '../exit-code';
import type { Paint } from '../output';
import { requirePlan } from '../validation';
import type { Plan } from '../../domain/pipeline/plan';
import type { AppliedView } from '../wire';

export function applyCommand(program: Command, wire: Wire): void {
  program.command('apply')
    .description('store pipelines: a changed document makes a new version')
    .argument('<file...>', 'YAML or JSON documents; - reads standard input')
    .option('--dry-run', 'say what would happen, change nothing')
    .action(wire(async (cli, files: string[], options: { dryRun?: true }) => {
      const documents = files.map((file) => readDocument(cli.host.cwd, file));
      const checked: Checked[] = [];
      for (const document of documents) checked.push({ document, plan: await requirePlan(cli, document) });
      const applied: AppliedView[] = [];
      for (const each of checked) applied.push(await applyDocument(cli, each, options.dryRun));
      cli.output.show({ items: applied }, () => applied.map((each) => appliedLine(each, cli.output.paint)));
      return exitCode.done;
    }));
}

interface Checked {
  document: Document;
  plan: Plan;
}

/** Stores a document under the name that it gives itself; the same document again changes nothing. */
export function applyDocument(cli: Cli, { document, plan }: Checked, dryRun?: true): Promise<AppliedView> {
  return cli.client.put<AppliedView>(`/v1/pipelines/${encodeURIComponent(plan.name)}`, {
    text: { body: document.text, contentType: contentTypeOf(document) },
    query: { dryRun },
  });
}

export function appliedLine({ name, version, change, dryRun }: AppliedView, paint: Paint): string {
  const word = change === 'unchanged' ? paint.dim(change) : paint.green(dryRun ? `would be ${change}` : change);
  return `${paint.bold(name)} v${version} ${word}`;
}
