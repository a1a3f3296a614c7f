import { rmSync } from 'node:fs';

export default async function globalTeardown(): Promise<void> {
  const stack = globalThis.testStack;
  if (!stack) return;
  await Promise.all([stack.postgres.stop(), stack.temporal?.stop()]);
  rmSync(stack.dir, { recursive: true, force: true });
}
