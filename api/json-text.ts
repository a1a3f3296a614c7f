import { AppError, errorMessage } from '../domain/errors';

type Parsed = { value: unknown } | { fault: string };

function tryParse(text: string): Parsed {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { fault: errorMessage(error) };
  }
}

const unexpectedToken = /^Unexpected token/;

/**
 * Offset at which the text stops being JSON. The engine names most places in its message; for an unexpected token it
 * does not, and then it is at the end of the shortest beginning of the text that has the same fault.
 */
function faultOffset(text: string, message: string): number {
  const named = /at position (\d+)/.exec(message)?.[1];
  if (named !== undefined) return Number(named);
  if (!unexpectedToken.test(message)) return text.length;
  let [good, bad] = [0, text.length];
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    const parsed = tryParse(text.slice(0, middle));
    if ('fault' in parsed && unexpectedToken.test(parsed.fault)) bad = middle;
    else good = middle;
  }
  return bad - 1;
}

/** Parses JSON. @throws AppError `request.malformed` that says where it is not JSON */
export function parseJson(text: string): unknown {
  const parsed = tryParse(text);
  if ('value' in parsed) return parsed.value;
  const before = text.slice(0, faultOffset(text, parsed.fault)).split('\n');
  const line = before.length;
  const column = (before.at(-1)?.length ?? 0) + 1;
  throw new AppError('request.malformed', `The body is not JSON from line ${line}, column ${column} on.`, {
    details: { errors: [{ code: 'bad_json', message: 'not JSON from here on', path: '', line, column }] },
  });
}
