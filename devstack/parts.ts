import { step } from './console';
import { sendSignal } from './processes';
import { Supervised, type Running } from './supervisor';

export type PartName = 'Postgres' | 'Temporal' | 'Mail' | 'Worker' | 'API';

/** The worker gives its running work back while the others still answer; what keeps data goes last. */
const stopOrder: readonly PartName[] = ['Worker', 'API', 'Mail', 'Temporal', 'Postgres'];

/** The processes of the stack by name. */
export class Parts {
  private readonly supervised = new Map<PartName, Supervised<Running>>();

  /** @param onChange called after each start and end, also of those that happen by themselves */
  constructor(private readonly onChange: () => void) {}

  /**
   * Starts a part and keeps it running.
   * @param describe what to say about it, called after every start
   * @throws Error that names the part, when it does not start the first time
   */
  async start<T extends Running>(name: PartName, launch: () => Promise<T>, describe: (running: T) => string): Promise<void> {
    const part = await step(name, () => Supervised.start(name, launch, { onChange: this.onChange, onRestart: describe }), (started) => {
      const running = started.current();
      return running ? describe(running) : 'ended at once';
    });
    this.supervised.set(name, part);
  }

  /** Null while the part is being started again, and when the stack has no such part. */
  pid(name: PartName): number | null {
    return this.supervised.get(name)?.current()?.pid ?? null;
  }

  /** Makes a part start anew, with the environment of now. */
  restart(name: PartName): void {
    const pid = this.pid(name);
    if (pid !== null) sendSignal(pid, 'SIGTERM');
  }

  /** Stops parts one after the other, all as it comes. */
  async stop(names: readonly PartName[] = stopOrder): Promise<void> {
    for (const name of names) await this.supervised.get(name)?.stop();
  }

  /** For the impatient: all at once, without waiting for running work. */
  kill(): void {
    for (const name of stopOrder) {
      const pid = this.pid(name);
      if (pid !== null) sendSignal(pid, 'SIGKILL');
    }
  }
}
