import { Argument, type Command } from 'commander';
import type { Wire } from '../cli';
import { completionScript, completionTree, shells } from '../completion';
import { exitCode } from '../exit-code';

export function completionCommand(program: Command, wire: Wire): void {
  program.command('completion').description('a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText('after', '\nbash: source <(datamcp completion bash)\nzsh:  source <(datamcp completion zsh)\nfish: datamcp completion fish | source')
    .action(wire(async (cli, shell: string) => {
      const script = completionScript(shell, completionTree(program));
      cli.output.show({ shell, script }, () => [script]);
      return exitCode.done;
    }));
}
