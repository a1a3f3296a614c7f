import { bootstrap, whenAbandoned } from './bootstrap.mjs';

await bootstrap();
const { main } = await import('../dist/devstack/main.js');
whenAbandoned(() => process.emit('SIGTERM'));
process.exit(await main(process.argv.slice(2)));
