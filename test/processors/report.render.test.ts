import { Workbench } from './workbench';
import { containing } from './text-matchers';

let bench: Workbench;
beforeAll(async () => { bench = await Workbench.create(); });
afterAll(async () => { await bench.close(); });

const render = async (title: string, sections: object[]): Promise<string> =>
  bench.read((await bench.run('report.render', { title, sections })).output['artifact']);

describe('report.render', () => {
  it('makes one HTML file of text, table and chart', async () => {
    const rows = await bench.save('hours.csv', 'text/csv', 'hour,delay\n6,-1.3\n21,15.8\n');
    const html = await render('Delays', [
      { heading: 'By hour', text: 'Evenings are late.\n\nMornings are not.', chart: { from: rows, option: { xAxis: { type: 'category' }, yAxis: {}, series: [{ type: 'bar', encode: { x: 'hour', y: 'delay' } }] } } },
      { table: { from: rows, columns: ['delay', 'hour'], limit: 1 } },
      { table: { from: 'airports.csv', limit: 2 } },
    ]);
    expect(html).toContain('<h1>Delays</h1>');
    expect(html).toContain('<p>Evenings are late.</p>\n<p>Mornings are not.</p>');
    expect(html).toMatch(/<figure role="img" aria-label="By hour"><svg [^]*<\/svg>/);
    expect(html).toContain('<tr><th scope="col">delay</th><th scope="col">hour</th></tr>');
    expect(html).toContain('<tr><td class="number">-1.3</td><td class="number">6</td></tr>');
    expect(html.match(/<tr><td>/g)).toHaveLength(2);
  });

  it('escapes everything that comes from data or definition, and forbids scripts', async () => {
    const evil = '<script>alert(1)</script>';
    const rows = await bench.save('evil.csv', 'text/csv', `"${evil}"\n"${evil} & ""more"""\n`);
    const html = await render(evil, [{ heading: evil, text: evil, table: { from: rows } }]);
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;');
    expect(html).toContain('default-src \'none\'');
  });

  it('names a column that does not exist', async () => {
    await expect(render('x', [{ table: { from: 'airports.csv', columns: ['nope'] } }])).rejects.toMatchObject({ code: 'query_failed', message: containing('nope') });
  });
});
