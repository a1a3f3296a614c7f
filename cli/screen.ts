import { createLogUpdate } from 'log-update';
import type { OutputStream } from './output';

/** Permanent lines above a live region. */
export interface Screen {
  print(line: string): void;
  /** Redraws the live region; `draw` is asked for lines of the size that the terminal has now. */
  update(draw: (width: number, height: number) => string[]): void;
  /** Takes the live region away and gives the cursor back. */
  close(): void;
}

/** A pipe or a file: exactly the permanent lines. */
export function plainScreen(stream: OutputStream): Screen {
  return { print: (line) => void stream.write(`${line}\n`), update: () => undefined, close: () => undefined };
}

/** A terminal. The cursor comes back on every exit, also on a signal: the library sees to that. */
export function terminalScreen(stream: OutputStream): Screen {
  const region = createLogUpdate(stream);
  let shown = '';
  const show = (): void => (shown === '' ? region.clear() : region(shown));
  return {
    print: (line) => {
      region.persist(line);
      show();
    },
    update: (draw) => {
      shown = draw(stream.columns ?? 80, stream.rows ?? 24).join('\n');
      show();
    },
    close: () => {
      region.clear();
      region.done();
    },
  };
}
