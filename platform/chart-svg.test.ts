import { chartSvg } from './chart-svg';

const data = { dimensions: ['hour', 'delay'], source: [{ hour: '<img onerror=x>', delay: 1 }, { hour: 'b"c', delay: 3 }] };
const bars = { xAxis: { type: 'category' }, yAxis: {}, series: [{ type: 'bar', encode: { x: 'hour', y: 'delay' } }] };

describe('a chart', () => {
  it('is drawn over the rows, with their texts escaped', async () => {
    const svg = await chartSvg(bars, data, 300);
    expect(svg).toMatch(/^<svg width="760" height="300"/);
    expect(svg).toContain('&lt;img onerror=x&gt;');
    expect(svg).not.toContain('<img');
    expect(svg).not.toContain('<style');
  });

  it('is the same whatever its option says of animation and dataset', async () => {
    const plain = await chartSvg(bars, data, 300);
    expect(await chartSvg({ ...bars, animation: true, dataset: { source: [] } }, data, 300)).toBe(plain);
  });

  it.each<[string, object]>([
    ['an event handler in a font', { textStyle: { fontFamily: 'x" onload="alert(1)' } }],
    ['a script in a font weight', { title: { text: 'a', textStyle: { fontWeight: 'x;"><script>alert(1)</script>' } } }],
    ['an image from outside', { series: [{ type: 'scatter', encode: { x: 'hour', y: 'delay' }, symbol: 'image://http://example.org/x.png' }] }],
    ['an address in a colour', { title: { text: 'a', textStyle: { color: 'url(http://example.org/x)' } } }],
    ['a pattern that cannot be drawn', { series: [{ type: 'bar', encode: { x: 'hour', y: 'delay' }, itemStyle: { color: { type: 'pattern', image: 'x' } } }] }],
  ])('is refused with %s', async (_what, more) => {
    await expect(chartSvg({ ...bars, ...more }, data, 300)).rejects.toMatchObject({ code: 'input_invalid' });
  });
});
