import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(__dirname, '..', '..');

/** The text of a document, by its path in the clone. */
export const textOf = (name: string): string => readFileSync(join(root, name), 'utf8');

/** What a document has a reader type, and what it shows of the answer. */
export interface Step {
  /** A block of `sh`, as it stands. */
  commands: string;
  /** What the comment `# exits with <code>` of the last command says, or 0. */
  exitCode: number;
  /** The block of `text` that follows. */
  shown?: string;
}

/** The steps of a document, in their order. */
export function stepsOf(document: string): Step[] {
  const steps: Step[] = [];
  for (const [, language, block = ''] of document.matchAll(/^```(\w+)\n([^]*?)\n```$/gm)) {
    const last = steps.at(-1);
    if (language === 'sh') steps.push({ commands: block, exitCode: Number(/# exits with (\d+)$/.exec(block)?.[1] ?? 0) });
    else if (language === 'text' && last) last.shown = block;
  }
  return steps;
}

const idPattern = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g;

/**
 * Compares what a document shows with what came. Times, widths of columns and what stands for `…` may differ. Ids differ
 * as well, and one of the document stands for the same of ours in all that follows.
 */
export class ShownText {
  private readonly ours = new Map<string, string>();

  /** A text of the document with our ids in the place of its own. */
  withOurIds(text: string): string {
    return text.replaceAll(idPattern, (id) => this.ours.get(id) ?? id);
  }

  /** What has to be somewhere in the output. It learns the ids when it was there. */
  isIn(output: string, shown: string): boolean {
    const unknown = [...new Set(this.withOurIds(shown).match(idPattern) ?? [])].filter((id) => ![...this.ours.values()].includes(id));
    const found = new RegExp(this.patternOf(shown, unknown), 'm').exec(output);
    unknown.forEach((id, index) => this.ours.set(id, found?.[index + 1] ?? id));
    return found !== null;
  }

  private patternOf(shown: string, unknown: string[]): string {
    const seen = new Set<string>();
    return this.withOurIds(shown)
      .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll(/\d+(?:\\\.\d+)? m?s\b/g, '\\d+(?:\\.\\d+)? m?s')
      .replaceAll(/ {2,}/g, ' +')
      .replaceAll('…', '[^\\n]*')
      .replaceAll(idPattern, (id) => {
        if (!unknown.includes(id)) return id;
        const again = `\\${unknown.indexOf(id) + 1}`;
        return seen.size === seen.add(id).size ? again : `(${idPattern.source})`;
      });
  }
}
