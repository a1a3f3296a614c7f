import { distance } from 'fastest-levenshtein';

/** Comparisons that one check may make: a document of 100,000 misspelt names must not take minutes to answer. */
const mostComparisons = 3_000_000;

/** Finds the name that was probably meant. */
export class Nearest {
  #left = mostComparisons;

  /** The candidate that differs least from `name`, if it is close enough to be a misspelling, else one that begins so: `int` for `integer`. */
  to(name: string, candidates: Iterable<string>): string | undefined {
    let best: string | undefined;
    let longer: string | undefined;
    let least = Math.min(3, Math.max(1, Math.floor(name.length / 3))) + 1;
    for (const candidate of candidates) {
      if (this.#left-- <= 0) break;
      if (name.length >= 3 && candidate.startsWith(name)) longer ??= candidate;
      if (Math.abs(candidate.length - name.length) >= least || candidate.length > 200) continue;
      const found = mistakes(name.toLowerCase(), candidate.toLowerCase());
      if (found < least) [best, least] = [candidate, found];
    }
    return best ?? longer;
  }
}

/** Two neighbours that changed places are one mistake, as people make it: `titel`. */
function mistakes(name: string, candidate: string): number {
  const least = distance(name, candidate);
  if (least !== 2 || name.length !== candidate.length) return least;
  const at = [...name].findIndex((letter, index) => letter !== candidate[index]);
  return name[at] === candidate[at + 1] && name[at + 1] === candidate[at] ? 1 : least;
}
