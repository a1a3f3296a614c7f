import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

/** Where the prebuilt bundle lies: beside the compiled code. */
export const bundlePath = join(__dirname, '..', 'workflow-bundle.js');

/** Libraries that must never get into workflow code: they are heavy there, and none is needed. */
const refused = ['zod', 'yaml', 'ajv', 'pg', 'express', 'winston'];

/** Bundles all workflows ahead of time: a worker starts faster, and what does not belong in a workflow is refused here. */
export async function buildBundle(workflowsPath: string, target: string): Promise<number> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [join(workflowsPath, 'local-activity-order')],
    preloadModules: [join(workflowsPath, 'stack-traces')],
  });
  const found = refused.filter((name) => code.includes(`./node_modules/${name}/`));
  if (found.length > 0) throw new Error(`The workflow bundle holds ${found.join(', ')}: workflow code may import domain rules only`);
  await writeFile(target, code);
  return Buffer.byteLength(code);
}

if (require.main === module) {
  const began = Date.now();
  buildBundle(join(__dirname, '..', 'workflows'), bundlePath)
    .then((bytes) => console.error(`workflow bundle: ${(bytes / 1024 / 1024).toFixed(1)} MB in ${Date.now() - began} ms`))
    .catch((error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    });
}
