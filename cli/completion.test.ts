import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { completionScript, completionTree, shells } from './completion';

function sample(): Command {
  const program = new Command('datamcp').option('--json', 'as JSON');
  const runs = program.command('runs').description('runs of pipelines');
  runs.command('list').description("the newest: first, it's said").option('-n, --limit <number>', 'at most');
  runs.command('watch').description('follow one');
  program.command('run').description('start').option('--wait', 'wait');
  return program;
}

test('the tree knows each command with what follows it', () => {
  const tree = completionTree(sample());
  expect(tree.map((node) => node.path)).toEqual(['', 'runs', 'runs list', 'runs watch', 'run']);
  expect(tree[1]?.words.map((word) => word.name)).toEqual(['list', 'watch']);
  expect(tree[2]?.options.map((option) => option.name)).toEqual(['--limit', '--help']);
});

test.each(shells)('the script for %s names every command and option', (shell) => {
  const script = completionScript(shell, completionTree(sample()));
  for (const word of ['runs', 'list', 'watch', 'limit', 'wait']) expect(script).toContain(word);
});

function complete(...words: string[]): string[] {
  const script = completionScript('bash', completionTree(sample()));
  const line = ['datamcp', ...words].map((word) => `'${word}'`).join(' ');
  const program = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _datamcp; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const result = spawnSync('bash', ['-c', program], { encoding: 'utf8' });
  expect(result.stderr).toBe('');
  return result.stdout.split('\n').filter(Boolean).sort();
}

test('bash completes commands, then the commands of a group, then options', () => {
  expect(complete('r')).toEqual(['run', 'runs']);
  expect(complete('runs', '')).toContain('list');
  expect(complete('runs', 'list', '--')).toEqual(['--help', '--limit']);
  expect(complete('--json', 'runs', 'w')).toEqual(['watch']);
  expect(complete('runs', 'watch', 'list', '--l')).toEqual([]);
});
