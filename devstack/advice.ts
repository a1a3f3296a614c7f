interface Known {
  says: RegExp;
  advice: string;
}

const elsewhere = 'or set DATAMCP_STACK_HOME to a folder elsewhere; everything that the stack keeps is in .datamcp there';

const known: readonly Known[] = [
  { says: /ENOSPC|No space left on device/i, advice: `The disk is full: free some space, ${elsewhere}.` },
  { says: /EROFS|read-only file system/i, advice: `The folder is on a read-only file system: use one that can be written, ${elsewhere}.` },
  { says: /EACCES|EPERM|permission denied/i, advice: `A file belongs to another user, perhaps because the stack was once started as root: change its owner, ${elsewhere}.` },
  { says: /ENOMEM|Cannot allocate memory|out of memory/i, advice: 'Memory ran out: the stack needs about 1 GB, and Node a heap of 128 MB or more (--max-old-space-size in NODE_OPTIONS).' },
  { says: /EMFILE|Too many open files/i, advice: 'The limit of open files is too low: raise it, for example with `ulimit -n 4096`.' },
];

/** What the user can do about a failure whose cause the operating system names; undefined when its message has to do. */
export const adviceOn = (message: string): string | undefined => known.find(({ says }) => says.test(message))?.advice;
