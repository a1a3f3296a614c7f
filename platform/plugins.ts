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
 * @returns a fault for each file that cannot be loaded, or one for the folder; nothing is thrown
 */
export async function readPlugins(folder: string): Promise<{ files: PluginFile[]; faults: PluginFault[] }> {
  const files: PluginFile[] = [];
  const faults: PluginFault[] = [];
  const root = resolve(folder);
  const load = createRequire(join(root, 'plugins'));
  for (const file of await namesIn(root, faults)) {
    try {
      const loaded: unknown = load(join(root, file));
      files.push({ file, exported: exportOf(loaded) });
    } catch (error) {
      faults.push({ file, message: `cannot be loaded: ${loadFailure(error)}` });
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

function loadFailure(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  const isAsync = 'code' in error && error.code === 'ERR_REQUIRE_ASYNC_MODULE';
  return isAsync ? 'it awaits at its top level; do that inside of `process`' : `${error.name}: ${error.message.split('\n')[0] ?? ''}`;
}
