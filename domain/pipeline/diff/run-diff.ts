import { canonicalJson } from '../../canonical-json';
import type { Json, JsonObject } from '../../json';

/** A value by its name on either side; the side that lacks it has none. */
export interface ValueDiff {
  name: string;
  left?: Json;
  right?: Json;
}

/**
 * Values that differ, in the order of the alphabet.
 * @param meaning leaves out of a value what is no difference
 */
export function diffValues(left: JsonObject, right: JsonObject, meaning: (value: Json) => Json = (value) => value): ValueDiff[] {
  const valueOf = (values: JsonObject, name: string): Json | undefined => (Object.hasOwn(values, name) ? values[name] : undefined);
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
  return names.flatMap((name): ValueDiff[] => {
    const [before, after] = [valueOf(left, name), valueOf(right, name)];
    if (before !== undefined && after !== undefined && canonicalJson(meaning(before)) === canonicalJson(meaning(after))) return [];
    return [{ name, ...(before !== undefined && { left: before }), ...(after !== undefined && { right: after }) }];
  });
}

export interface ComparedArtifact {
  task: string;
  instance: number | null;
  name: string;
  sha256: string;
}
export interface ArtifactDiff {
  instance: number | null;
  name: string;
  /** SHA-256 of the content; null on the side that has no such artifact. */
  left: string | null;
  right: string | null;
}

/** Artifacts whose contents differ, by task. Equal bytes are equal, whoever made them and whenever. */
export function diffArtifacts(left: readonly ComparedArtifact[], right: readonly ComparedArtifact[]): Map<string, ArtifactDiff[]> {
  const keyOf = ({ task, instance, name }: ComparedArtifact): string => JSON.stringify([task, instance, name]);
  const [before, after] = [left, right].map((side) => new Map(side.map((artifact) => [keyOf(artifact), artifact])));
  const byTask = new Map<string, ArtifactDiff[]>();
  for (const key of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])) {
    const [old, now] = [before?.get(key), after?.get(key)];
    const either = now ?? old;
    if (!either || old?.sha256 === now?.sha256) continue;
    const { task, instance, name } = either;
    byTask.set(task, [...(byTask.get(task) ?? []), { instance, name, left: old?.sha256 ?? null, right: now?.sha256 ?? null }]);
  }
  return byTask;
}

/** Whether two durations differ enough to be told: by a second, and one is at least twice the other. */
export function durationDiffers(leftMs: number | null, rightMs: number | null): boolean {
  if (leftMs === null || rightMs === null) return false;
  const [shorter, longer] = [Math.min(leftMs, rightMs), Math.max(leftMs, rightMs)];
  return longer - shorter >= 1_000 && longer >= 2 * shorter;
}
