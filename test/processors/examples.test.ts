import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtinCatalogue } from '../../activities/processors';
import { checkDefinition } from '../../domain/pipeline/definition';

const folder = join(__dirname, '../../examples');
const catalogue = new Map(builtinCatalogue.map((entry) => [entry.name, entry]));

describe('the examples', () => {
  it.each(readdirSync(folder))('%s is valid, without warnings, and named as its file', (file) => {
    const { plan, errors, warnings } = checkDefinition(readFileSync(join(folder, file), 'utf8'), 'yaml', catalogue);
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    expect(`${plan?.name}.yaml`).toBe(file);
  });
});
