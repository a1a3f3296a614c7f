import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** `script` of util-linux runs a program on a pseudo-terminal; that of BSD takes other arguments. */
export const hasPseudoTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

/** Compiled, as `npm run build` leaves it: the program of the clone would build first. */
const program = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

export interface Session {
  folder: string;
  size: { columns: number; rows: number };
  /** Presses Ctrl-C when this text has been shown. */
  interruptAt?: string;
}

/** Runs the command line as users start it, on a terminal of this size. @returns what the terminal was sent, and the exit code */
export async function onTerminal(argv: string[], { folder, size, interruptAt }: Session): Promise<{ sent: string; code: number | null }> {
  const command = [process.execPath, program, ...argv].map(quoted).join(' ');
  const child = spawn('script', ['-qefc', `stty rows ${size.rows} cols ${size.columns}; exec ${command}`, '/dev/null'], {
    cwd: folder, env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: '' },
  });
  let [sent, pressed] = ['', false];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    sent += text;
    if (pressed || interruptAt === undefined || !sent.includes(interruptAt)) return;
    pressed = true;
    child.stdin.write('\x03');
  });
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  return { sent, code };
}
