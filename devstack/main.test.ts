import { main } from './main';

test.each([
  [['--bogus'], 2, /Unknown option '--bogus'/],
  [['--once', '--no-demo'], 2, /^--once runs the example, and --no-demo leaves it out/],
  [['--help'], 0, /^npm start \[-- --once \| --no-demo\]/],
])('npm start with %j says what is wrong or possible, and starts nothing', async (args, status, said) => {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(await main(args)).toBe(status);
    expect(write.mock.calls.join('')).toMatch(said);
  } finally {
    write.mockRestore();
  }
});
