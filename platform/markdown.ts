import MarkdownIt from 'markdown-it';
import { Html } from './html';

const markdown = new MarkdownIt('default', { html: false, linkify: true })
  // What an image is loaded from learns who reads, and when: its address is shown as a link.
  .disable('image');

const openLink = markdown.renderer.rules['link_open'];
markdown.renderer.rules['link_open'] = (tokens, index, options, env, renderer) => {
  tokens[index]?.attrSet('rel', 'noreferrer noopener');
  return openLink?.(tokens, index, options, env, renderer) ?? renderer.renderToken(tokens, index, options);
};
// The page has headings of its own; those of a text stand below them.
for (const rule of ['heading_open', 'heading_close']) {
  markdown.renderer.rules[rule] = (tokens, index, options, _env, renderer) => {
    const token = tokens[index];
    if (token) token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + 3)}`;
    return renderer.renderToken(tokens, index, options);
  };
}

/** Markdown of a user as HTML in which no markup of theirs is: no HTML, no images, no `javascript:`. */
export const markdownHtml = (text: string): Html => new Html(markdown.render(text));
