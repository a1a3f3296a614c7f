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
