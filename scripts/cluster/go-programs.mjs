// Temporal's server and its schema tool, built with Go. Everything that the build needs and makes stays in one folder.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const version = 'v1.31.2';
const packages = ['go.temporal.io/server/cmd/server', 'go.temporal.io/server/cmd/tools/sql'];
/** Sources of the modules, and what was compiled of them: kept when a build is interrupted, so that the next one goes on. */
const buildFolders = ['go', 'go-cache'];
const longestBuildMs = 20 * 60_000;
const progressEveryMs = 15_000;

/** Where Go's own installer puts it, if it is not on the path. */
const searchPath = [process.env.PATH, '/usr/local/go/bin'].join(delimiter);

export const hasGo = () => spawnSync('go', ['version'], { env: { ...process.env, PATH: searchPath } }).status === 0;

/**
 * Builds what is not built yet; a minute or many, by machine.
 * @param running where the build is while it lasts, for whoever wants to stop it
 * @returns the folder of the programs `server` and `sql`
 * @throws Error with the end of what Go said
 */
export async function goPrograms(folder, say, running) {
  const bin = join(folder, 'bin', version);
  if (packages.every((name) => existsSync(join(bin, name.split('/').at(-1))))) return bin;
  mkdirSync(bin, { recursive: true });
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1_000);
  say(`Building Temporal's server ${version} with Go (once; some minutes) …`);
  const clock = setInterval(() => say(`  building: ${seconds()} s`), progressEveryMs);
  await install(bin, folder, running).finally(() => clearInterval(clock));
  // Three gigabytes in many thousands of files, which whatever looks through this folder would meet.
  for (const name of buildFolders) rmSync(join(folder, name), { recursive: true, force: true });
  say(`  built in ${seconds()} s`);
  return bin;
}

function install(bin, folder, running) {
  const child = spawn('go', ['install', ...packages.map((name) => `${name}@${version}`)], {
    cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: longestBuildMs, killSignal: 'SIGKILL',
    // Modules that can be written can be removed with the folder.
    env: { ...process.env, PATH: searchPath, GOBIN: bin, GOPATH: join(folder, buildFolders[0]), GOCACHE: join(folder, buildFolders[1]), GOFLAGS: '-modcacherw -buildvcs=false' },
  });
  running.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => { said += piece; });
  return new Promise((resolve, reject) => child.once('error', reject).once('close', (code, signal) => {
    running.delete(child);
    if (code === 0) resolve();
    else if (signal !== null) reject(new Error(`Building Temporal's server was stopped, or took longer than ${longestBuildMs / 60_000} minutes. Run this again: it goes on from where it was.`));
    else reject(new Error(`Temporal's server could not be built:\n${said.trimEnd().split('\n').slice(-20).join('\n')}`));
  }));
}
