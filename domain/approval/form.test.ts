import { formFaults } from './form';
import { formSchema, type Form } from './form-schema';

const form: Form = {
  type: 'object',
  properties: {
    window: { type: 'string', title: 'When?', enum: ['day', 'night'] },
    reason: { type: 'string', minLength: 3, maxLength: 5 },
    note: { type: 'string' },
    share: { type: 'number', minimum: 0, maximum: 1 },
    servers: { type: 'integer', minimum: 1 },
    sure: { type: 'boolean' },
  },
  required: ['window'],
};

describe('the values of a form', () => {
  it('are accepted as they are asked for', () => {
    expect(formSchema.parse(form)).toEqual(form);
    expect(formFaults(form, { window: 'day', reason: 'äöü', share: 0.5, servers: 1, sure: false, note: '' })).toEqual([]);
  });

  it.each([
    ['window', 'dusk', 'window must be one of day, night'],
    ['window', 3, 'window must be a text'],
    ['reason', 'no', 'reason must be at least 3 characters'],
    ['reason', '😀😀😀😀😀😀', 'reason must be at most 5 characters'],
    ['share', '1', 'share must be a number'],
    ['share', 1.1, 'share must be at most 1'],
    ['servers', 0, 'servers must be at least 1'],
    ['servers', 1.5, 'servers must be a whole number'],
    ['servers', null, 'servers must be a whole number'],
    ['sure', 'yes', 'sure must be true or false'],
    ['toString', 'x', 'unknown field toString'],
  ])('are refused: %s as %j', (name, value, message) => {
    expect(formFaults(form, { window: 'day', [name]: value }).map((fault) => [fault.path, fault.message])).toEqual([[`/${name}`, message]]);
  });

  it('are told of all at once, with places that are JSON pointers', () => {
    expect(formFaults(form, { 'a/b~c': 1 })).toEqual([
      { code: 'field.missing', message: 'the field window is required', path: '/window' },
      { code: 'field.unknown', message: 'unknown field a/b~c', path: '/a~1b~0c' },
    ]);
  });

  it('are 16 KiB at most, as the form is', () => {
    expect(formFaults(form, { window: 'day', note: 'x'.repeat(16_000) })).toEqual([]);
    expect(formFaults(form, { window: 'day', note: 'ä'.repeat(8_200) })).toMatchObject([{ path: '', message: 'the form has more than 16384 bytes' }]);
    const long = { type: 'string', description: 'x'.repeat(2_000) };
    const properties = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, index) => [`field${index}`, long]));
    expect(formSchema.safeParse({ type: 'object', properties: properties(8) }).success).toBe(true);
    expect(formSchema.safeParse({ type: 'object', properties: properties(9) }).success).toBe(false);
  });

  it('are asked for in at most fifty fields', () => {
    const fields = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, index) => [`field${index}`, { type: 'boolean' }]));
    expect(formSchema.safeParse({ type: 'object', properties: fields(50) }).success).toBe(true);
    expect(formSchema.safeParse({ type: 'object', properties: fields(51) }).success).toBe(false);
    expect(formSchema.safeParse({ type: 'object', properties: { '1st': { type: 'boolean' } } }).success).toBe(false);
  });
});
