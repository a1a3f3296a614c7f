import { createLogUpdate } from 'log-update';
import type { OutputStream } from './output';

/** Lines of the live region for the size that the terminal has now. */
export type Draw = (width: number, height: number) => string[];

/** Permanent lines above a live region. */
export interface Screen {
  print(line: string): void;
  redraw(): void;
  /** Takes the live region away and gives the cursor back. */
  close(): void;
}

/** A pipe or a file: exactly the permanent lines. */
export function plainScreen(stream: OutputStream): Screen {
  return { print: (line) => void stream.write(`${line}\n`), redraw: () => undefined, close: () => undefined };
}

/** A terminal. The cursor comes back on every exit, also on a signal: the library sees to that. */
export function terminalScreen(stream: OutputStream, draw: Draw): Screen {
  const region = createLogUpdate(stream);
  const redraw = (): void => {
    const lines = draw(stream.columns ?? 80, stream.rows ?? 24);
    if (lines.length > 0) region(lines.join('\n'));
    else region.clear();
  };
  return {
    redraw,
    print: (line) => {
      // Not the library's own way, which cuts lines to the size of the terminal: one without a size would show none.
      region.clear();
      stream.write(`${line}\n`);
      redraw();
    },
    close: () => {
      region.clear();
      region.done();
    },
  };
}
