import { displayWidth } from './text';
import { tableLines, type Column } from './table';

interface Row { name: string; count: number; note: string }
const columns: Column<Row>[] = [
  { title: 'NAME', value: (row) => row.name },
  { title: 'COUNT', value: (row) => String(row.count), align: 'right' },
  { title: 'NOTE', value: (row) => row.note, flexible: true },
];
const rows: Row[] = [{ name: 'a', count: 5, note: 'short' }, { name: 'longer', count: 12345, note: 'a note that goes on and on' }];

test('columns are aligned and lines carry no trailing spaces', () => {
  expect(tableLines(columns, rows, undefined)).toEqual([
    'NAME    COUNT  NOTE',
    'a           5  short',
    'longer  12345  a note that goes on and on',
  ]);
});

test('a table too wide takes the room from its flexible columns', () => {
  const lines = tableLines(columns, rows, 30);
  expect(lines.map(displayWidth).every((width) => width <= 30)).toBe(true);
  expect(lines[2]).toBe('longer  12345  a note that go…');
});

test('columns that are not flexible keep their text, however narrow the terminal', () => {
  expect(tableLines(columns, rows, 10)[2]).toContain('longer  12345');
});

test('a cell is one line without escape sequences', () => {
  expect(tableLines([{ title: 'N', value: () => '\u001b[2Jx\ny' }], [{}], undefined)[1]).toBe('x y');
});

test('colour is put around the cell after it was aligned', () => {
  const painted: Column<Row>[] = [{ title: 'NAME', value: (row) => row.name, paint: (text) => `<${text}>` }];
  expect(tableLines(painted, rows, undefined).slice(1)).toEqual(['<a     >', '<longer>']);
});
