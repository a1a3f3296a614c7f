import { errorMessage } from '../domain/errors';
import { say } from './console';
import { sleep } from './processes';

/** Something that runs as a process of its own. */
export interface Running {
  pid: number;
  exited: Promise<number | string>;
  stop(): Promise<void>;
}

export interface Supervised<T extends Running> {
  /** Undefined while it is being started again. */
  current(): T | undefined;
  stop(): Promise<void>;
}

export interface SupervisorHooks<T> {
  /** After each start and each end, to keep what others read current. */
  onChange(): void;
  /** After it was started again: its address may differ from before. */
  onRestart?(running: T): void;
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** A process that lived this long had a good start: the pauses begin anew. */
const settledMs = 30_000;

/**
 * Starts a process and starts it again whenever it ends by itself, with growing pauses.
 * @throws what the first `launch` throws; later failures are reported and tried again
 */
export async function supervise<T extends Running>(name: string, launch: () => Promise<T>, hooks: SupervisorHooks<T>): Promise<Supervised<T>> {
  let running: T | undefined = await launch();
  let stopping = false;
  const watching = watch(running);

  async function watch(first: T): Promise<void> {
    let pauseMs = firstPauseMs;
    for (let watched = first; ; ) {
      const startedAt = Date.now();
      const end = await watched.exited;
      running = undefined;
      if (stopping) return;
      if (Date.now() - startedAt > settledMs) pauseMs = firstPauseMs;
      say(`  ${name} ended (${end}); starting it again`);
      hooks.onChange();
      const next = await launchAgain(() => pauseMs, () => { pauseMs = Math.min(pauseMs * 2, longestPauseMs); });
      if (!next) return;
      watched = next;
      say(`  ${name} is up again (process ${next.pid})`);
      hooks.onRestart?.(next);
      hooks.onChange();
    }
  }

  async function launchAgain(pause: () => number, grow: () => void): Promise<T | undefined> {
    for (let failures = 0; !stopping; failures += 1) {
      await sleep(pause());
      grow();
      if (stopping) return undefined;
      try {
        running = await launch();
        return running;
      } catch (error) {
        const message = errorMessage(error);
        // The end of its log is told once, not with each of many tries.
        say(`  ${name} could not be started again: ${failures === 0 ? message : message.split('\n', 1)[0]}`);
      }
    }
    return undefined;
  }

  return {
    current: () => running,
    async stop() {
      stopping = true;
      await running?.stop();
      // One that was just being started again is stopped when it is up, not left behind.
      await watching;
      await running?.stop();
    },
  };
}
