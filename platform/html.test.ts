import { html } from './html';

test('a value never becomes markup, in text or in an attribute', () => {
  expect(html`<a title="${'"><script>'}">${"it's <b>"}</a>`.text).toBe('<a title="&quot;&gt;&lt;script&gt;">it&#39;s &lt;b&gt;</a>');
});

test('markup, lists and nothing are put in as they are', () => {
  expect(html`${html`<b>${1}</b>`}${[html`<i></i>`, 'a&b', [0]]}${null}${undefined}${false}`.text).toBe('<b>1</b><i></i>a&amp;b0');
});
