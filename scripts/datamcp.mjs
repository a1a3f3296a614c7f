#!/usr/bin/env node
import { bootstrap } from './bootstrap.mjs';

// The command works in the folder of its caller, where the files are that it is given.
const folder = process.cwd();
await bootstrap();
process.chdir(folder);
await import(new URL('../dist/cli/main.js', import.meta.url));
