import { basename, join } from 'node:path';
import { bundlePath, type BundleKind } from '../../workers/bundle';

const dist = join(__dirname, '..', '..', 'dist');

/** @returns what `Worker.create` takes as `workflowBundle`: the one of the build, which the global set-up has brought up to date */
export const workflowBundle = (kind: BundleKind = 'plain'): { codePath: string } => ({ codePath: join(dist, basename(bundlePath(kind))) });
