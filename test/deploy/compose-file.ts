import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../platform/package-root';

const command = z.array(z.string()).min(1);
const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: command.optional(),
  scale: z.number().optional(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.object({ test: command.optional() }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
});
const composeSchema = z.object({ services: z.record(z.string(), serviceSchema), secrets: z.record(z.string(), z.object({ file: z.string() })) });

export type ComposeFile = z.output<typeof composeSchema>;
export type ComposeService = z.output<typeof serviceSchema>;

const composeText = (): string => readFileSync(join(packageRoot(), 'docker-compose.yml'), 'utf8');

/** Variables without which the file is refused. */
export const requiredVariables = (): string[] =>
  [...new Set([...composeText().matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name))].sort();

/** Puts variables in, as the Compose specification says: `${A}`, `${A:-default}`, `${A:?message}`. */
function interpolate(text: string, variables: Record<string, string>): string {
  return text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, operator: string | undefined, rest: string) => {
    const value = variables[name] ?? '';
    if (value !== '') return value;
    if (operator === '?') throw new Error(`${name} ${rest}`);
    return operator === '-' ? rest : '';
  });
}

/** docker-compose.yml with these variables in it. @throws Error that names a required variable which is missing */
export const readCompose = (variables: Record<string, string>): ComposeFile =>
  composeSchema.parse(parse(composeText(), (_key, value: unknown) => (typeof value === 'string' ? interpolate(value, variables) : value), { merge: true }));
