import { accessSync, chmodSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorMessage } from '../domain/errors';
import { packageRoot } from '../platform/package-root';

/** Where the local stack finds the program and keeps what it keeps. */
export interface Folders {
  /** The clone. */
  root: string;
  /** The clone too, unless `DATAMCP_STACK_HOME` names another: then several stacks run from one clone. */
  home: string;
  /** Everything that the stack keeps. */
  data: string;
  logs: string;
}

/** A command as it is typed in the clone, to reach this stack. */
export const commandFor = ({ root, home }: Folders, command: string): string =>
  (home === root ? command : `DATAMCP_STACK_HOME='${home.replaceAll("'", "'\\''")}' ${command}`);

/** @throws Error that names the folder when it cannot be made */
export function stackFolders(): Folders {
  const root = packageRoot();
  const home = resolve(process.env['DATAMCP_STACK_HOME'] || root);
  const data = join(home, '.datamcp');
  const logs = join(data, 'logs');
  try {
    mkdirSync(home, { recursive: true });
    // Of a disk that can only be read, the next line alone would say that something does not exist.
    accessSync(home, constants.W_OK);
    mkdirSync(logs, { recursive: true });
    // Closed to other users, save that the one who runs Postgres may pass.
    chmodSync(data, 0o711);
  } catch (cause) {
    throw new Error(`The folder ${data}, for everything that the stack keeps, cannot be made or used: ${errorMessage(cause)}`, { cause });
  }
  return { root, home, data, logs };
}
