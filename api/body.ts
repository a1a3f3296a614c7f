import express, { type Request, type Response } from 'express';
import type { z } from 'zod';
import { AppError } from '../domain/errors';
import { limits } from '../domain/limits';
import { refuseHarmfulJson } from './json-guard';
import { parseJson } from './json-text';
import { parseOrRefuse } from './validation';

/** How a route reads its body, and what the documentation says about it. */
export interface BodyReader<T> {
  /** Schema by media type; empty for a route without a body. */
  content: Record<string, { schema: z.ZodType | { description: string } }>;
  required: boolean;
  /** The most bytes of a JSON body. */
  limitBytes?: number;
  read(request: Request, response: Response): Promise<T>;
}

/** A definition as it came. */
export interface DefinitionDocument {
  text: string;
  format: 'yaml' | 'json';
}

const jsonTypes = ['application/json', 'application/*+json'];
const yamlTypes = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml', 'application/vnd.yaml'];
const smallBytes = 256 * 1024;

/** Reads a body of one of these types as text; undefined when there is none or it is of another type. */
function textReader(types: string[], limit: number): (request: Request, response: Response) => Promise<string | undefined> {
  const parser = express.text({ type: types, limit, defaultCharset: 'utf-8' });
  return (request, response) => new Promise((resolve, reject) => {
    parser(request, response, (error?: unknown) => {
      if (error !== undefined) reject(error instanceof Error ? error : new Error('the body could not be read'));
      else resolve(typeof request.body === 'string' ? request.body : undefined);
    });
  });
}

const hasBody = (request: Request): boolean =>
  request.get('transfer-encoding') !== undefined || Number(request.get('content-length') ?? 0) > 0;

const unsupported = (expected: string): AppError =>
  new AppError('request.unsupported_media', `The body must be ${expected}: say so in Content-Type.`);

/** A route that takes no body: HTTP gives one that comes with GET or DELETE no meaning, so it is not looked at. */
export const noBody: BodyReader<undefined> = { content: {}, required: false, read: async () => undefined };

/**
 * A small JSON body. Without any body it is read as `{}`, and the schema says whether that is enough.
 * @param limit in bytes
 */
export function jsonBody<S extends z.ZodType>(schema: S, limit = smallBytes): BodyReader<z.output<S>> {
  const readText = textReader(jsonTypes, limit);
  return {
    content: { 'application/json': { schema } },
    required: !schema.safeParse({}).success,
    limitBytes: limit,
    async read(request, response) {
      const text = await readText(request, response);
      if (text === undefined && hasBody(request)) throw unsupported('application/json');
      const value = text === undefined || text === '' ? {} : parseJson(text);
      refuseHarmfulJson(value);
      return parseOrRefuse(schema, value);
    },
  };
}

const readYaml = textReader(yamlTypes, limits.yamlBytes);
const readJson = textReader(jsonTypes, limits.jsonBytes);

/** What a definition is, is said elsewhere: OpenAPI could not tell all of its rules, and a faulty one is an answer of its own. */
const definition = { schema: { description: 'a pipeline definition, as `GET /v1/schemas/pipeline` describes it' } };

/** A pipeline definition in YAML or JSON, kept as text: its faults are told with their places in it. */
export const definitionBody: BodyReader<DefinitionDocument> = {
  content: { 'application/yaml': definition, 'application/json': definition },
  required: true,
  async read(request, response) {
    if (request.is(jsonTypes)) return { text: (await readJson(request, response)) ?? '', format: 'json' };
    if (request.is(yamlTypes)) return { text: (await readYaml(request, response)) ?? '', format: 'yaml' };
    throw unsupported('application/yaml or application/json');
  },
};
