// npm run security: tries the API with thousands of requests made from its description, by schemathesis (https://schemathesis.readthedocs.io).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bootstrap, root } from './bootstrap.mjs';

const requirement = 'schemathesis==4.32.5';
/** Where test/security/schemathesis.ts looks for it. */
const packages = join(root, 'node_modules', '.cache', 'schemathesis');

const run = (program, ...args) => spawnSync(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PYTHONPATH: packages } }).status;

function obtainSchemathesis() {
  if (run('python3', '-c', "import importlib.metadata as m, sys; sys.exit(sys.argv[1] not in [f'{d.name}=={d.version}' for d in m.distributions()])", requirement) === 0) return;
  process.stderr.write(`Installing ${requirement} (once) …\n`);
  if (run('python3', '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--upgrade', '--target', packages, requirement) === 0) return;
  process.stderr.write(`${requirement} could not be installed: this check needs Python 3.10 or later with pip, and a package index that it reaches.\n`);
  process.exit(1);
}

await bootstrap();
obtainSchemathesis();
process.exit(run(process.execPath, join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--config', 'jest.security.config.cjs') ?? 1);
