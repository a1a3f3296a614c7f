import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { outcomeSchema, type Load, type Outcome } from './generator';

const spareMs = 30_000;

/**
 * Reads under load, asked for by a process of its own: one that had other things to do would measure itself.
 * @throws Error with what the generator said
 */
export async function generateLoad(load: Load, stopped: AbortSignal): Promise<Outcome> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(load.seconds * 1_000 + spareMs)]);
  const child = spawn(process.execPath, [join(__dirname, 'generator.js')], { stdio: 'pipe', signal });
  child.stdin.end(JSON.stringify(load));
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`The load generator failed: ${complained}`);
  return outcomeSchema.parse(JSON.parse(said));
}
