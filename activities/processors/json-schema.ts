import Ajv2020, { type ErrorObject } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { z } from 'zod';
import { parseJson } from '../../domain/json';

const ajv = new Ajv2020({ strict: false, allErrors: true, useDefaults: true, logger: false });
addFormats(ajv);

/**
 * A JSON Schema (draft 2020-12) as the shape of a processor: it checks, fills in defaults, and is published as it stands.
 * @throws Error that says what is wrong with the schema
 */
export function shapeOfJsonSchema(given: Record<string, unknown>): z.ZodType {
  // Names of a whole document: two processors may well use the same.
  const { $schema: _dialect, $id: _id, id: _old, ...schema } = given;
  // What it says comes later than anybody asks here: it would let everything pass.
  if ('$async' in schema) throw new Error('`$async` cannot be used');
  const validate = ajv.compile(schema);
  return z.unknown().transform((value, context) => {
    const checked = value === undefined ? null : parseJson(JSON.stringify(value));
    if (validate(checked)) return checked;
    for (const error of validate.errors ?? []) {
      context.issues.push({ code: 'custom', input: value, path: error.instancePath.split('/').slice(1), message: wordsOf(error) });
    }
    return z.NEVER;
  }).meta(schema);
}

const wordsOf = ({ keyword, message, params }: ErrorObject): string => {
  const unknown: unknown = keyword === 'additionalProperties' ? params['additionalProperty'] : undefined;
  return typeof unknown === 'string' ? `"${unknown}" is not known` : message ?? keyword;
};
