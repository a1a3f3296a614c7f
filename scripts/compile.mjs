// Emits JavaScript into dist/, with the compiler that the tests run on: forty times as fast as tsc, which CI has check the types.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformFileSync } from '@swc/core';
import { root, sourceFiles } from './sources.mjs';

const options = {
  swcrc: false,
  sourceMaps: true,
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
};

const written = new Set();

function write(file, content) {
  const target = join(root, 'dist', file);
  written.add(target);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
}

for (const file of sourceFiles()) {
  const name = file.replace(/\.ts$/, '.js');
  const { code, map } = transformFileSync(join(root, file), { ...options, filename: join(root, file) });
  write(name, `${code}//# sourceMappingURL=${name.split('/').at(-1)}.map\n`);
  write(`${name}.map`, map);
}

// The output of sources that are gone would still be found by whoever lists a folder (generators, plugins).
for (const name of readdirSync(join(root, 'dist'), { recursive: true })) {
  const target = join(root, 'dist', name);
  if (/\/.*\.js(\.map)?$/.test(name) && !written.has(target)) rmSync(target);
}
