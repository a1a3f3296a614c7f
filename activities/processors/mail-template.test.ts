import { fillTemplate, htmlEscape, noEscape } from './mail-template';

const fill = (template: string, data: Record<string, unknown> = {}): string => fillTemplate(template, data, noEscape);

describe('a template', () => {
  it.each<[string, string, Record<string, unknown>, string]>([
    ['values', 'Dear {{ name }}, {{count}} of {{a.b}}', { name: 'Ann', count: 3, a: { b: 7 } }, 'Dear Ann, 3 of 7'],
    ['nothing for null', '[{{x}}]', { x: null }, '[]'],
    ['JSON for what is nested', '{{x}}', { x: [1, { a: true }] }, '[1,{"a":true}]'],
    ['each item of a list', '{{#rows}}{{n}}-{{title}} {{/rows}}', { title: 'T', rows: [{ n: 1 }, { n: 2, title: 'own' }] }, '1-T 2-own '],
    ['items that are values', '{{#names}}<{{.}}>{{/names}}', { names: ['a', 'b'] }, '<a><b>'],
    ['lists in lists', '{{#a}}{{#b}}{{c}}{{/b}};{{/a}}', { a: [{ b: [{ c: 1 }, { c: 2 }] }, { b: [] }] }, '12;;'],
    ['a section only if there is something', '{{#on}}yes{{/on}}{{^on}}no{{/on}}', { on: false }, 'no'],
    ['what is no tag as it is', 'a { b } {{}} {{ 1 + 1 }}', {}, 'a { b } {{}} {{ 1 + 1 }}'],
    ['a value that looks like a tag as a value', '{{x}}', { x: '{{secret}}', secret: 'no' }, '{{secret}}'],
  ])('shows %s', (_what, template, data, text) => {
    expect(fill(template, data)).toBe(text);
  });

  it('keeps values from becoming markup', () => {
    expect(fillTemplate('<b title="{{x}}">{{x}}</b>', { x: '"><script>' }, htmlEscape)).toBe('<b title="&quot;&gt;&lt;script&gt;">&quot;&gt;&lt;script&gt;</b>');
  });

  it.each([
    ['{{a}} {{b.c}} {{a}}', 'does not have: a, b.c'], ['{{constructor}} {{__proto__}}', 'does not have: constructor, __proto__'],
    ['{{#a}}', 'does not close {{#a}}'], ['{{/a}}', 'closes {{/a}}'], ['{{#a}}{{#b}}{{/a}}{{/b}}', 'closes {{/a}}'],
  ])('that cannot be filled says why: %s', (template, message) => {
    expect(() => fill(template)).toThrow(message);
  });
});
