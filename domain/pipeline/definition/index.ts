export { checkDefinition, type CheckResult, type DefinitionFormat } from './check';
export { definitionJsonSchema } from './json-schema';
