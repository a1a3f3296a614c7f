import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../../platform/package-root';

/** One instruction of a Dockerfile, its continued lines in one. */
interface Instruction { word: string; rest: string }

/** The stages of the Dockerfile, in order. */
export function dockerStages(): Instruction[][] {
  const text = readFileSync(join(packageRoot(), 'Dockerfile'), 'utf8').replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n/g, ' ');
  const instructions = [...text.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, word = '', rest = '']) => ({ word, rest: rest.trim() }));
  return instructions.reduce<Instruction[][]>((stages, instruction) =>
    (instruction.word === 'FROM' ? [...stages, [instruction]] : [...stages.slice(0, -1), [...(stages.at(-1) ?? []), instruction]]), []);
}

const imageInstructions = (word: string): string[] => (dockerStages().at(-1) ?? []).filter((each) => each.word === word).map(({ rest }) => rest);

/** Environment variables that the image sets. */
export const imageEnvironment = (): Record<string, string> =>
  Object.fromEntries(imageInstructions('ENV').flatMap((rest) => rest.split(/\s+/)).map((pair): [string, string] => {
    const [name = '', ...value] = pair.split('=');
    return [name, value.join('=')];
  }));

/** What the image copies: from where in the clone, to where below its folder. */
export const imageCopies = (): { from: string; to: string }[] => imageInstructions('COPY').map((rest) => {
  const [from = '', to = ''] = rest.split(/\s+/).filter((part) => !part.startsWith('--'));
  return { from: from.replace(/^\/app\//, ''), to: to === './' ? from : to };
});

const lockSchema = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), devOptional: z.boolean().optional() })) });

/** Packages of production that the Dockerfile does not remove. */
function imagePackages(root: string): string[] {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const removed = /rm -rf ((?:node_modules\/\S+ ?)+)/.exec(dockerStages().flat().map(({ rest }) => rest).join('\n'))?.[1]?.trim().split(' ') ?? [];
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !devOptional && existsSync(join(root, path)))
    .map(([path]) => path)
    .filter((path) => !removed.some((each) => path === each || path.startsWith(`${each}/`)));
}

/**
 * A folder with what the image holds, made as the Dockerfile makes it but without a container engine: a file that it
 * forgets, or a package that production does not have, is missing here as well.
 */
export async function makeImageFolder(folder: string): Promise<void> {
  const root = packageRoot();
  for (const { from, to } of imageCopies().filter((copy) => copy.from !== 'node_modules')) await cp(join(root, from), join(folder, to), { recursive: true });
  for (const path of imagePackages(root)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(join(root, path), join(folder, path));
  }
}

/** Files of the folder that are its own. */
export const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => !name.startsWith('node_modules')).sort();
