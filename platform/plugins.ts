import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { isNativeError } from 'node:util/types';

/** What a file of a plugin folder exports. */
export interface PluginFile {
  file: string;
  /** The default export of an ES module, `module.exports` of a CommonJS one; undefined when there is none. */
  exported: unknown;
}

/** What is wrong with a file. */
export interface PluginFault {
  file: string;
  message: string;
}

const isPluginFile = (name: string): boolean => /^[^.].*\.[cm]?js$/.test(name) && !/\.test\.[cm]?js$/.test(name);

/**
 * Loads the JavaScript files of a folder in the order of their names. Tests and what lies in subfolders is left alone.
 * @param tell hears of each file before it is loaded: one that hangs or ends the process can say nothing itself
 * @returns a fault for each file that cannot be loaded, or one for the folder; nothing is thrown
 */
export async function readPlugins(folder: string, tell: (file: string) => void): Promise<{ files: PluginFile[]; faults: PluginFault[] }> {
  const files: PluginFile[] = [];
  const faults: PluginFault[] = [];
  const root = resolve(folder);
  const load = createRequire(join(root, 'plugins'));
  for (const file of await namesIn(root, faults)) {
    tell(file);
    try {
      const loaded: unknown = load(join(root, file));
      files.push({ file, exported: exportOf(loaded) });
    } catch (error) {
      faults.push({ file, message: `cannot be loaded: ${loadFailure(error, join(root, file))}` });
    }
  }
  return { files, faults };
}

async function namesIn(folder: string, faults: PluginFault[]): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory() && isPluginFile(entry.name)).map(({ name }) => name).sort();
  } catch (error) {
    faults.push({ file: folder, message: `is no folder that can be read (${isNativeError(error) ? error.message : String(error)})` });
    return [];
  }
}

function exportOf(loaded: unknown): unknown {
  if (typeof loaded !== 'object' || loaded === null) return loaded;
  if ('default' in loaded) return loaded.default;
  // An ES module without a default export has a namespace and nothing to offer; an empty CommonJS one has {}.
  return Object.keys(loaded).length === 0 || '__esModule' in loaded || Object.prototype.toString.call(loaded) === '[object Module]' ? undefined : loaded;
}

function loadFailure(error: unknown, path: string): string {
  if (!isNativeError(error)) return String(error);
  if ('code' in error && error.code === 'ERR_REQUIRE_ASYNC_MODULE') return 'it awaits at its top level; do that inside of `process`';
  return `${error.name}: ${error.message.split('\n')[0] ?? ''}${placeOf(error, path)}`;
}

/** Where in the file it is. Of a syntax error in an ES module, Node does not say it here. */
function placeOf({ name, stack = '' }: Error, path: string): string {
  const line = /^:(\d+)/.exec(stack.split(path)[1] ?? '')?.[1];
  if (line !== undefined) return ` (line ${line})`;
  return name === 'SyntaxError' ? ` (\`node --check ${path}\` shows where)` : '';
}
