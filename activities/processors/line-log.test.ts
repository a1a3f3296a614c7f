import { LineLog } from './line-log';

const linesOf = (pieces: string[]): string[] => {
  const lines: string[] = [];
  const log = new LineLog((line) => lines.push(line));
  for (const piece of pieces) log.add(piece);
  log.end();
  return lines;
};

describe('lines of a text that comes in pieces', () => {
  it.each<[string, string[], string[]]>([
    ['are put together', ['on', 'e\ntw', 'o\n'], ['one', 'two']],
    ['may have no end', ['one\ntwo'], ['one', 'two']],
    ['may end as on Windows', ['one\r\n', 'two\r\n'], ['one', 'two']],
    ['may be empty only where nothing comes', [], []],
  ])('%s', (_what, pieces, lines) => {
    expect(linesOf(pieces)).toEqual(lines);
  });

  it('are cut where they are too long, and lose nothing', () => {
    const long = 'x'.repeat(100_000);
    const lines = linesOf([long.slice(0, 50_000), `${long.slice(50_000)}\nend\n`]);
    expect(Math.max(...lines.map(({ length }) => length))).toBe(16_384);
    expect(lines.join('')).toBe(`${long}end`);
  });
});
