import { z } from 'zod';
import { utf8Bytes } from '../bytes';
import { formBytes } from './form';

const fieldName = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/, { error: 'must begin with a letter and hold at most 63 letters, digits and `_`' });
const words = { title: z.string().max(200).optional(), description: z.string().max(2_000).optional() };
const number = { minimum: z.number().optional(), maximum: z.number().optional() };

const anyField = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('string'), ...words, enum: z.array(z.string().max(500)).min(1).max(100).optional(),
    minLength: z.int().min(0).optional(), maxLength: z.int().min(0).max(10_000).optional(),
  }),
  z.strictObject({ type: z.literal('integer'), ...words, ...number }),
  z.strictObject({ type: z.literal('number'), ...words, ...number }),
  z.strictObject({ type: z.literal('boolean'), ...words }),
]);

/** Who makes a request would wait for ever for an answer to a field whose bounds leave none. */
const fieldSchema = anyField.refine(isFillable, { error: 'can never be filled in: its bounds leave nothing' });

function isFillable(field: z.infer<typeof anyField>): boolean {
  switch (field.type) {
    case 'boolean': return true;
    case 'string': {
      const { minLength = 0, maxLength = Infinity } = field;
      const fits = (length: number): boolean => length >= minLength && length <= maxLength;
      return field.enum ? field.enum.some((choice) => fits([...choice].length)) : minLength <= maxLength;
    }
    case 'integer': return Math.ceil(field.minimum ?? -Infinity) <= Math.floor(field.maximum ?? Infinity);
    case 'number': return (field.minimum ?? -Infinity) <= (field.maximum ?? Infinity);
  }
}

/** What is asked with a decision: the part of JSON Schema that a plain page without scripts can show. */
export const formSchema = z
  .strictObject({
    type: z.literal('object'),
    properties: z.record(fieldName, fieldSchema).refine((fields) => Object.keys(fields).length <= 50, { error: 'must be at most 50 fields' })
      .describe('Fields of the types string (with `enum` for a choice), integer, number and boolean.'),
    required: z.array(z.string()).max(50).optional().describe('Names of the fields that must be filled in.'),
  })
  .refine((form) => utf8Bytes(JSON.stringify(form)) <= formBytes, { error: `has more than ${formBytes} bytes` })
  .refine(({ properties, required = [] }) => required.every((name) => Object.hasOwn(properties, name)), { error: 'names a field that properties do not have', path: ['required'] });

export type Form = z.infer<typeof formSchema>;
export type FormField = z.infer<typeof fieldSchema>;
