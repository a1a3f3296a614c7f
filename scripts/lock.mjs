import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './processes.mjs';

const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const holders = (text) => text.split(' ').map(Number).filter((pid) => pid > 0);

/** Whether the lock could be made; one whose holders are all dead is removed first. */
function tryLock(file) {
  const found = read(file);
  if (found && !holders(found).some((pid) => pid !== process.pid && isAlive(pid)) && read(file) === found) unlinkSync(file);
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * Runs `work` while no other command of this clone does. A holder that was killed does not block, but the program that
 * it had started does (`hold` names it): two installations at once would spoil each other.
 */
export async function locked(file, { onWait }, work) {
  mkdirSync(dirname(file), { recursive: true });
  for (let waits = 0; !tryLock(file); waits += 1) {
    if (waits === 10) onWait();
    await sleep(100);
  }
  try {
    return await work((pid) => writeFileSync(file, `${process.pid} ${pid}`));
  } finally {
    unlinkSync(file);
  }
}
