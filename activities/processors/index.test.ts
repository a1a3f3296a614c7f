import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinCatalogue, builtinProcessors } from './index';

const committed: unknown = JSON.parse(readFileSync(join(__dirname, '../../schemas/catalogue.json'), 'utf8'));

describe('the catalogue of processors', () => {
  it('is committed as it is in code (else run scripts/generate-catalogue.mjs)', () => {
    expect(committed).toEqual(builtinCatalogue);
  });

  it('names every processor once', () => {
    expect(builtinProcessors.size).toBe(builtinCatalogue.length);
  });

  it.each(builtinCatalogue)('$name takes an object, says what every field is for, and refuses fields it does not know', ({ inputSchema }) => {
    expect(inputSchema['type']).toBe('object');
    const fields = Object.values((inputSchema['properties'] ?? {}) as Record<string, { description?: string }>);
    for (const field of fields) expect(field.description).toEqual(expect.any(String));
    if (inputSchema['properties'] !== undefined) expect(inputSchema['additionalProperties']).toBe(false);
  });
});
