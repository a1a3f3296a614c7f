const ignore = (): undefined => undefined;

/**
 * Makes the calls for one key one after the other. All who ask while a call is under way share the next one: it begins
 * after they asked, so nobody is given what was true before.
 */
export function shareCalls<T>(call: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const running = new Map<string, Promise<unknown>>();
  const next = new Map<string, Promise<T>>();

  const begin = (key: string): Promise<T> => {
    const answer = call(key);
    running.set(key, answer.then(ignore, ignore).then(() => running.delete(key)));
    return answer;
  };
  return (key) => {
    const before = running.get(key);
    if (!before) return begin(key);
    const shared = next.get(key) ?? before.then(() => {
      next.delete(key);
      return begin(key);
    });
    next.set(key, shared);
    return shared;
  };
}
