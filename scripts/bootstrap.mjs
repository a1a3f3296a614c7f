// What every command does first: packages installed and code built, only when needed. Uses nothing but Node itself,
// because it runs before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locked } from './lock.mjs';
import { isAlive, launchingNpm } from './processes.mjs';
import { root, sourceFiles } from './sources.mjs';

export { root };

const oldestNode = [20, 19];
/** As it comes, npm tries for more than five minutes before it says that it has no network. */
const npmRetries = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
const progressEveryMs = 3_000;

const say = (line) => process.stderr.write(`${line}\n`);

/** Ends the process with a message that tells what to do. */
function refuse(message) {
  say(message);
  process.exit(2);
}

/** Ends with a clear word where this cannot run at all. */
function checkPlatform() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    refuse(`DataMCP needs Node ${oldestNode.join('.')} or later; this is Node ${process.versions.node}. Get a newer one from https://nodejs.org`);
  }
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    refuse('The local stack runs on Linux and macOS. On Windows, use it inside WSL 2.');
  }
}

/** Runs a program, says every few seconds that it still runs, and on failure shows the end of what it said. */
async function runProgram(label, program, args, hold) {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1_000);
  const clock = setInterval(() => say(`  ${label}: ${seconds()} s`), progressEveryMs);
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (piece) => { said += piece; });
  child.stderr.on('data', (piece) => { said += piece; });
  child.once('spawn', () => hold(child.pid));
  const code = await new Promise((resolveCode) => child.once('close', resolveCode).once('error', (error) => {
    said += error.message;
    resolveCode(-1);
  }));
  clearInterval(clock);
  if (code !== 0) throw new Error(said.trimEnd().split('\n').slice(-25).join('\n'));
  return seconds();
}

const lockedPackages = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return {};
  }
};

/**
 * Whether what npm noted about its last installation is what the lock file asks for. npm writes that note last, so an
 * installation that was killed counts as none. Optional packages are those of other platforms.
 */
function isInstalled() {
  const installed = lockedPackages('node_modules/.package-lock.json');
  return Object.entries(lockedPackages('package-lock.json')).every(([path, { version, optional }]) =>
    path === '' || (installed[path] ? installed[path].version === version : optional));
}

async function install(hold) {
  if (isInstalled()) return;
  say('Installing packages (once; a minute or two) …');
  const npm = process.env.npm_execpath;
  const [program, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  try {
    const seconds = await runProgram('installing packages', program, [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', ...npmRetries], hold);
    say(`Packages installed in ${seconds} s.`);
  } catch (error) {
    refuse(`Installing the packages failed. If the npm registry cannot be reached, connect and try again, or point npm at a mirror (npm config set registry …). npm said:\n${error.message}`);
  }
}

function sourceHash() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'scripts/compile.mjs', ...sourceFiles()]) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Emits JavaScript without checking types (CI does that), then the workflow bundle, so that no worker builds it at start. */
async function build(hold) {
  const stamp = join(root, 'dist', '.built');
  const hash = sourceHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  say('Building …');
  try {
    mkdirSync(join(root, 'dist'), { recursive: true });
    // Removed first: a build that is killed half way is done again.
    rmSync(stamp, { force: true });
    await runProgram('compiling', process.execPath, ['scripts/compile.mjs'], hold);
    await runProgram('bundling workflows', process.execPath, ['dist/workers/bundle.js'], hold);
    writeFileSync(stamp, hash);
  } catch (error) {
    refuse(`The build failed:\n${error.message}`);
  }
}

/** Installs and builds what is missing or out of date. Safe when two commands of one clone start at once. */
export async function bootstrap() {
  checkPlatform();
  process.chdir(root);
  const onWait = () => say('Another command of this clone is installing or building; waiting for it …');
  try {
    await locked(join(root, '.datamcp', 'bootstrap.lock'), { onWait }, async (hold) => {
      await install(hold);
      await build(hold);
    });
  } catch (error) {
    if (!error.code) throw error;
    refuse(`The folder of this clone cannot be used (${error.message}). Installing and building write to .datamcp, node_modules and dist in it: check its owner, its rights and the free space.`);
  }
}

/** Calls `stop` when the npm that started this command was killed: nobody else would ever end what we started. */
export function whenAbandoned(stop) {
  const npm = launchingNpm();
  if (npm === undefined) return;
  const clock = setInterval(() => {
    if (isAlive(npm)) return;
    clearInterval(clock);
    stop();
  }, 1_000);
  clock.unref();
}
