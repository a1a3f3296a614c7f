import { markdownHtml } from './markdown';

test('HTML in it is text', () => {
  expect(markdownHtml('<script>alert(1)</script> <img src=x onerror=y>').text).toBe('<p>&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=y&gt;</p>\n');
});

test('links tell nobody where they were followed from, and run nothing', () => {
  expect(markdownHtml('[a](https://a.example)').text).toBe('<p><a href="https://a.example" rel="noreferrer noopener">a</a></p>\n');
  expect(markdownHtml('[a](javascript:alert(1)) [b](data:text/html,x)').text).not.toContain('href');
});

test('an image loads nothing', () => {
  expect(markdownHtml('![pixel](https://a.example/p.png)').text).not.toContain('<img');
});

test('headings stand below those of the page', () => {
  expect(markdownHtml('# one\n\n#### four').text).toBe('<h4>one</h4>\n<h6>four</h6>\n');
});
