import type { Form } from '../../../domain/approval/form-schema';
import { formFieldsHtml, formValues } from './form-fields';

const form: Form = {
  type: 'object',
  properties: {
    window: { type: 'string', title: 'Window', enum: ['night', 'noon'] }, share: { type: 'integer', minimum: 1, maximum: 100, description: 'In percent.' },
    factor: { type: 'number' }, rollback: { type: 'boolean' }, note: { type: 'string', maxLength: 1_000 },
  },
  required: ['window'],
};
const pageOf = (sent: Record<string, string>): string => formFieldsHtml(form, sent, false).text;

test('what a browser sends becomes values of their types; what is empty was not answered', () => {
  expect(formValues(form, { 'form.window': 'night', 'form.share': ' 25 ', 'form.factor': '1,5', 'form.rollback': 'false', 'form.note': '', 'form.strange': 'x' }))
    .toEqual({ window: 'night', share: 25, factor: 1.5, rollback: false });
});

test('what is no number is left for the rules to name', () => {
  expect(formValues(form, { 'form.share': '0x10', 'form.factor': '', 'form.rollback': 'perhaps' })).toEqual({ share: '0x10', rollback: 'perhaps' });
});

test('every field has a label and keeps what was typed', () => {
  const page = pageOf({ 'form.note': '<b>', 'form.window': 'noon', 'form.share': '"5' });
  for (const name of Object.keys(form.properties)) expect(page).toContain(`<label for="form.${name}">`);
  expect(page).toContain('\n&lt;b&gt;</textarea>');
  expect(page).toContain('<option value="noon" selected>');
  expect(page).toContain('value="&quot;5" aria-describedby="form.share-hint"');
  expect(page).toContain('In percent. From 1 to 100.');
});
