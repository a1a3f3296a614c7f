import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Catalogue, CatalogueEntry } from '../domain/pipeline/catalogue';
import { trustedJson } from './json-text';

/** A file of the product, found from here upwards: this code runs from its sources and from the build below them. */
function productFile(...names: string[]): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, ...names);
    if (existsSync(path)) return readFileSync(path, 'utf8');
  }
  throw new Error(`This installation lacks ${join(...names)}`);
}

export function productVersion(): string {
  return trustedJson<{ version: string }>(productFile('package.json')).version;
}

/** The processors that this version brings along. Plugins of a worker are known to the API only. */
export function builtInCatalogue(): Catalogue {
  const entries = trustedJson<CatalogueEntry[]>(productFile('schemas', 'catalogue.json'));
  return new Map(entries.map((entry) => [entry.name, entry]));
}
