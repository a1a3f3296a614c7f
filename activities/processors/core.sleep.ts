import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { defineProcessor } from '../processor';

const dayMs = 86_400_000;

export const coreSleep = defineProcessor({
  name: 'core.sleep',
  title: 'Sleep',
  description: 'A full activity that takes a while, and holds a place on a worker meanwhile. To wait durably and free of cost, use `core.wait`.',
  version: '1.0.0',
  input: z.strictObject({ milliseconds: z.int().min(0).max(dayMs).describe('How long; 0 is fine') }),
  output: z.null(),
  process: async (context, { milliseconds }) => {
    context.signal.throwIfAborted();
    // Even a timer of no time takes a turn of the event loop.
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: context.signal }).catch(() => context.signal.throwIfAborted());
    return null;
  },
});
