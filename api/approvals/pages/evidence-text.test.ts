import { csvText, itemLines } from './evidence-text';

test('a table is CSV that a spreadsheet neither tears apart nor runs', () => {
  const table = { columns: ['a', 'b,c'], rows: [['=1+1', 'say "hi"'], [-3, null], ['+49', true]] };
  expect(csvText(table)).toBe('a,"b,c"\r\n\'=1+1,"say ""hi"""\r\n-3,\r\n\'+49,true\r\n');
});

test('every kind of evidence has lines to compare', () => {
  const sha256 = 'f'.repeat(64);
  const item = { title: 't', sha256 };
  expect(itemLines({ ...item, text: 'a\nb' })).toEqual(['a', 'b']);
  expect(itemLines({ ...item, url: 'https://a.example' })).toEqual(['https://a.example']);
  expect(itemLines({ ...item, table: { columns: ['x', 'y'], rows: [[1, null]] } })).toEqual(['x | y', '1 | ']);
  expect(itemLines({ ...item, chart: { kind: 'line', labels: ['6', '7'], series: [{ name: 'late', values: [1, 2] }, { name: 'early', values: [0, 3] }] } }))
    .toEqual(['6: late 1, early 0', '7: late 2, early 3']);
  expect(itemLines({ ...item, artifact: { name: 'r.html', uri: 'artifact://1', bytes: 3, sha256, contentType: 'text/html' } })).toEqual(['r.html, 3 bytes', `SHA-256 ${sha256}`]);
});
