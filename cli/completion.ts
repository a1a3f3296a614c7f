import type { Command } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;

/** What can follow one command: `path` is `''` for the program itself, `'runs list'` for a command of a group. */
export interface CompletionNode {
  path: string;
  words: { name: string; description: string }[];
  options: { name: string; description: string }[];
}

/** Reads the tree from the program itself, so that completion never lags behind it. */
export function completionTree(command: Command, path = ''): CompletionNode[] {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command).filter((each) => each.name() !== 'help');
  const node: CompletionNode = {
    path,
    words: subcommands.map((each) => ({ name: each.name(), description: each.description() })),
    options: help.visibleOptions(command).map((option) => ({ name: option.long ?? option.short ?? '', description: option.description })),
  };
  return [node, ...subcommands.flatMap((each) => completionTree(each, `${path} ${each.name()}`.trim()))];
}

/** The script for a shell; file names complete wherever no command does. */
export function completionScript(shell: string, tree: CompletionNode[]): string {
  if (shell === 'fish') return fishScript(tree);
  return shell === 'zsh' ? zshScript(tree) : bashScript(tree);
}

const wordsOf = (node: CompletionNode): string => [...node.words, ...node.options].map((each) => each.name).join(' ');
const groupsOf = (tree: CompletionNode[]): string => tree.filter((node) => node.path !== '').map((node) => `'${node.path}'`).join('|');

/** Walks the words on the line as far as they name commands, then offers what follows. */
function bashScript(tree: CompletionNode[]): string {
  return `_datamcp() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word choices=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${groupsOf(tree)}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${tree.map((node) => `    '${node.path}') choices='${wordsOf(node)}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$choices" -- "$current"))
}
complete -o default -F _datamcp datamcp`;
}

function zshScript(tree: CompletionNode[]): string {
  return `#compdef datamcp
_datamcp() {
  local path="" word
  local -a choices
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${path:+$path }$word" in
      ${groupsOf(tree)}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path" in
${tree.map((node) => `    '${node.path}') choices=(${[...node.words, ...node.options].map(zshChoice).join(' ')}) ;;`).join('\n')}
  esac
  _describe 'datamcp' choices || _files
}
if [ "\${funcstack[1]}" = "_datamcp" ]; then _datamcp "$@"; else compdef _datamcp datamcp; fi`;
}

const zshChoice = ({ name, description }: { name: string; description: string }): string =>
  quote(`${name.replace(/:/g, '\\:')}:${description}`);

function fishScript(tree: CompletionNode[]): string {
  const lines = tree.flatMap((node) => {
    const condition = fishCondition(node);
    return [
      ...node.words.map((word) => `complete -c datamcp ${condition} -f -a ${quote(word.name)} -d ${quote(word.description)}`),
      ...node.options.filter((option) => option.name.startsWith('--'))
        .map((option) => `complete -c datamcp ${condition} -l ${option.name.slice(2)} -d ${quote(option.description)}`),
    ];
  });
  return lines.join('\n');
}

function fishCondition(node: CompletionNode): string {
  const parts = node.path === '' ? [] : node.path.split(' ');
  const inside = parts.map((part) => `__fish_seen_subcommand_from ${part}`);
  const before = node.words.length === 0 ? [] : [`not __fish_seen_subcommand_from ${node.words.map((word) => word.name).join(' ')}`];
  const condition = [...inside, ...before].join('; and ');
  return condition === '' ? '' : `-n '${condition}'`;
}

/** Quotes for a POSIX shell; fish reads it the same way. */
const quote = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;
