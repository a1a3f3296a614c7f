import { bootstrap } from './bootstrap.mjs';

await bootstrap();
await import('../dist/bench/main.js');
