import { createRequire } from 'node:module';
import { bootstrap, whenAbandoned } from './bootstrap.mjs';
import { launchingNpm } from './processes.mjs';

await bootstrap();
const { main } = createRequire(import.meta.url)('../dist/devstack/main.js');
whenAbandoned(() => process.emit('SIGTERM'));
process.exit(await main(process.argv.slice(2), { launcher: launchingNpm() }));
