// The options of scripts. Needs nothing but Node: it is asked before anything is installed.
import { parseArgs } from 'node:util';

/**
 * Reads the options of a script, and ends it with its usage when that is asked for or they are wrong.
 * @param usage tells all of them
 * @param options as `parseArgs` takes them
 * @param faultOf what is wrong with their values; undefined when nothing is
 */
export function readOptions(usage, options, faultOf = () => undefined) {
  const refuse = (fault) => {
    process.stderr.write(`${fault}\n\n${usage}\n`);
    process.exit(2);
  };
  let values;
  try {
    ({ values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } }));
  } catch (error) {
    return refuse(error.message);
  }
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    process.exit();
  }
  const fault = faultOf(values);
  return fault === undefined ? values : refuse(fault);
}

export const isWhole = (text) => /^[1-9]\d{0,8}$/.test(text);
