import { z } from 'zod';

/**
 * An object of which exactly one of some properties is given: said in its JSON Schema too, which a refinement alone
 * would not be.
 */
export function exactlyOne<Shape extends z.ZodRawShape, Params extends z.core.$ZodObjectConfig>(
  schema: z.ZodObject<Shape, Params>,
  names: readonly (keyof Shape & string)[],
) {
  return schema
    .refine((value: Record<string, unknown>) => names.filter((name) => value[name] !== undefined).length === 1, {
      error: `exactly one of ${names.map((name) => `"${name}"`).join(', ')} is needed`,
    })
    .meta({ oneOf: names.map((name) => ({ required: [name] })) });
}

/** An object of which at most one of some properties is given. */
export function atMostOne<Shape extends z.ZodRawShape, Params extends z.core.$ZodObjectConfig>(
  schema: z.ZodObject<Shape, Params>,
  names: readonly (keyof Shape & string)[],
) {
  return schema
    .refine((value: Record<string, unknown>) => names.filter((name) => value[name] !== undefined).length <= 1, {
      error: `only one of ${names.map((name) => `"${name}"`).join(', ')} can be given`,
    })
    .meta({ allOf: pairs(names).map((required) => ({ not: { required } })) });
}

const pairs = (names: readonly string[]): string[][] =>
  names.flatMap((one, index) => names.slice(index + 1).map((other) => [one, other]));

/** What is a text where it goes, and keeps its type in an expression: `"${{ inputs.count }}"` is a number. */
export const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const texts = (values: Record<string, z.output<typeof scalar>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

const parameter = z.union([scalar, z.null()]);

/** Values of the parameters of an SQL text: they never become part of the text. */
export const positionalSchema = z.array(z.union([parameter, z.array(parameter)]));
export const parametersSchema = z.union([positionalSchema, z.record(z.string(), z.union([parameter, z.array(parameter)]))]);

export const connectionSchema = z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/)
  .describe('Name of a connection that an operator has made: over the API, or as DATAMCP_CONNECTION_<NAME>');
