import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import type { Config } from '../platform/config';
import { encryptedFailures, encryptsPayloads } from '../platform/payload-codec';

/** How workflows convert failures is part of their code, so that there is a bundle for each way. */
export type BundleKind = 'plain' | 'encrypted';

/** Where a prebuilt bundle lies: beside the compiled code. */
export const bundlePath = (kind: BundleKind): string =>
  join(__dirname, '..', kind === 'plain' ? 'workflow-bundle.js' : 'workflow-bundle-encrypted.js');

export const bundleKind = (config: Config): BundleKind => (encryptsPayloads(config) ? 'encrypted' : 'plain');

/** Libraries that must never get into workflow code: they are heavy there, and none is needed. */
const refused = ['zod', 'yaml', 'ajv', 'pg', 'express', 'winston'];

/** Bundles all workflows ahead of time: a worker starts faster, and what does not belong in a workflow is refused here. */
async function buildBundle(workflowsPath: string, target: string, kind: BundleKind): Promise<number> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: ['trace-header', 'local-activity-order', 'foreign-calls'].map((name) => join(workflowsPath, name)),
    preloadModules: [join(workflowsPath, 'stack-traces'), workflowsPath],
    // Lines of ours in stack traces need the map, but not the sources in it: each worker would hold them several times.
    webpackConfigHook: (config) => ({ ...config, devtool: 'inline-nosources-source-map' }),
    ...(kind === 'encrypted' && { failureConverterPath: encryptedFailures }),
  });
  const found = refused.filter((name) => code.includes(`./node_modules/${name}/`));
  if (found.length > 0) throw new Error(`The workflow bundle holds ${found.join(', ')}: workflow code may import domain rules only`);
  await writeFile(target, code);
  return Buffer.byteLength(code);
}

async function buildAll(): Promise<void> {
  for (const kind of ['plain', 'encrypted'] as const) {
    const began = Date.now();
    const bytes = await buildBundle(join(__dirname, '..', 'workflows'), bundlePath(kind), kind);
    console.error(`workflow bundle, ${kind}: ${(bytes / 1024 / 1024).toFixed(1)} MB in ${Date.now() - began} ms`);
  }
}

if (require.main === module) {
  buildAll()
    .catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
}
