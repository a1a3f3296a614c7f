import type { Command } from 'commander';
import type { Cli, Wire } from '../cli';
import { readDocument, type Document } from '../document';
import { exitCode } from '../exit-code';
import { validateOffline } from '../offline';
import { isUnreachable, reportLines, validateOnline } from '../validation';
import type { ValidationView } from '../wire';

type Checked = Omit<ValidationView, 'plan'> & { file: string; document: Document };

export function validateCommand(program: Command, wire: Wire): void {
  program.command('validate')
    .description('check pipelines; every fault is told with its place')
    .argument('<file...>', 'YAML or JSON documents; - reads standard input')
    .option('--offline', 'check with the built-in catalogue of processors, without an API')
    .action(wire(async (cli, files: string[], options: { offline?: true }) => {
      const validate = options.offline ? validateOffline : onlineFirst(cli);
      const checked: Checked[] = [];
      for (const file of files) checked.push(await check(cli, file, validate));
      const valid = checked.every((each) => each.valid);
      const items = checked.map(({ document: _, ...each }) => each);
      cli.output.show({ valid, items }, () => checked.flatMap((each) => [...reportLines(each, each.document, cli.output.paint), verdict(cli, each)]));
      return valid ? exitCode.done : exitCode.usage;
    }));
}

type Validate = (document: Document) => ValidationView | Promise<ValidationView>;

/** Without a stack the built-in catalogue serves; the first failure decides for the files that follow. */
function onlineFirst(cli: Cli): Validate {
  let offline = false;
  return async (document) => {
    if (offline) return validateOffline(document);
    try {
      return await validateOnline(cli, document);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      offline = true;
      cli.output.note(`${cli.output.notePaint.dim(`No API at ${cli.target.apiUrl}: checked with the built-in processors.`)}`);
      return validateOffline(document);
    }
  };
}

async function check(cli: Cli, file: string, validate: Validate): Promise<Checked> {
  const document = readDocument(cli.host.cwd, file);
  const { valid, errors, warnings } = await validate(document);
  return { file, document, valid, errors, warnings };
}

function verdict(cli: Cli, { document, valid, errors, warnings }: Checked): string {
  const { paint } = cli.output;
  const counts = [[errors.length, 'fault'], [warnings.length, 'warning']].flatMap(([count, word]) =>
    count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`]).join(', ');
  const mark = valid ? paint.green('✓') : paint.red('✗');
  return `${mark} ${document.name}${counts === '' ? ' is valid' : `: ${counts}`}`;
}
