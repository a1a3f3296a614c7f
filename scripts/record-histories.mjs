// npm run record-histories: runs every kind of pipeline on the test servers and keeps the histories that test/replay replays.
// Needed after workflow code was changed on purpose, and never to make a failing replay pass: open runs would fail like it.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bootstrap, root, whenAbandoned } from './bootstrap.mjs';

await bootstrap();
const { projects } = createRequire(import.meta.url)('../jest.config.cjs');
const integration = projects.find(({ displayName }) => displayName === 'integration');
const config = { ...integration, displayName: 'recording', testMatch: ['<rootDir>/test/replay/*recording.ts'] };

const jest = spawn(process.execPath, [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--config', JSON.stringify(config), ...process.argv.slice(2)], {
  cwd: root, stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { if (signal !== 'SIGINT') jest.kill(signal); });
whenAbandoned(() => jest.kill('SIGTERM'));
process.exitCode = await new Promise((resolve) => jest.once('close', (code) => resolve(code ?? 1)));
