import { actText } from './act-text';

test('the text of an act says what is done, in any order of its fields, and not by whom', () => {
  expect(actText('decide', { decision: 'approve', comment: 'fine', credential: 'dmca_x', by: 'ann' })).toBe(actText('decide', { comment: 'fine', decision: 'approve' }));
});

test.each<[string, Record<string, string>]>([['decide', { decision: 'reject', comment: 'fine' }], ['comment', { decision: 'approve', comment: 'fine' }], ['decide', { decision: 'approve' }]])(
  'another act has another text: %s %j', (name, args) => {
    expect(actText(name, args)).not.toBe(actText('decide', { decision: 'approve', comment: 'fine' }));
  });
