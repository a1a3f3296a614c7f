import type { Json, JsonObject } from '../domain/json';

/** @throws SyntaxError */
export const parseJson = (text: string): Json => JSON.parse(text) as Json;

/** Reads JSON that the contract of the other side says to be a `T`; nothing is checked. @throws SyntaxError */
export const trustedJson = <T>(text: string): T => JSON.parse(text) as T;

export const isJsonObject = (value: unknown): value is JsonObject => value !== null && typeof value === 'object' && !Array.isArray(value);

/** The object that a text holds; undefined for any other text. */
export function readJsonObject(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Documents of a stream of JSON lines, as they come. The last line may lack its end. @throws SyntaxError */
export async function* readJsonLines<T>(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield trustedJson<T>(line);
  }
  if (rest.trim() !== '') yield trustedJson<T>(rest);
}
