/** Asks at most once in `keptMs`, and shares the answer: those who look often put no load on what is behind. */
export function recent<T>(keptMs: number, ask: () => Promise<T>, nowMs: () => number = () => performance.now()): () => Promise<T> {
  let asked: { at: number; answer: Promise<T> } | undefined;
  return () => {
    if (!asked || nowMs() - asked.at >= keptMs) {
      const answer = ask();
      const mine = { at: nowMs(), answer };
      // A failure is no answer to be kept.
      answer.catch(() => { if (asked === mine) asked = undefined; });
      asked = mine;
    }
    return asked.answer;
  };
}
