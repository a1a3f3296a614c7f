/**
 * Tells the process that started this one over their channel, if they have one, that this one listens. An answer on the
 * port would not say so: it may come from a process of another clone that took the port first.
 */
export function tellListening(): void {
  // The parent may be gone by now, which is no fault of ours.
  process.send?.('listening', undefined, undefined, () => undefined);
}
