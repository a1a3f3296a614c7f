import { parentPort } from 'node:worker_threads';
import { errorMessage } from '../domain/errors';
import type { Catalogue, CatalogueEntry } from '../domain/pipeline/catalogue';
import { checkDefinition, type CheckResult, type DefinitionFormat } from '../domain/pipeline/definition';

export interface CheckRequest {
  text: string;
  format: DefinitionFormat;
  /** Present when it differs from that of the request before. */
  catalogue?: CatalogueEntry[];
}

export type CheckAnswer = { result: CheckResult } | { error: string };

let catalogue: Catalogue = new Map();

parentPort?.on('message', (request: CheckRequest) => {
  if (request.catalogue) catalogue = new Map(request.catalogue.map((entry) => [entry.name, entry]));
  parentPort?.postMessage(answer(request));
});

function answer({ text, format }: CheckRequest): CheckAnswer {
  try {
    return { result: checkDefinition(text, format, catalogue) };
  } catch (error) {
    return { error: errorMessage(error) };
  }
}
