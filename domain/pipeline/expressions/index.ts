/**
 * Expressions of the pipeline language: CEL within bounds. Pure and deterministic: this is workflow code, and so is the
 * pinned CEL library; a change here can break open runs.
 */
export { bareCondition, evaluateCondition, statusNames } from './condition';
export { statusFunctions, type StatusAnswers, type StatusFunction } from './environment';
export { conditionReferences, referencesOf, type References } from './references';
export type { Scope, TaskScope } from './scope';
export { evaluateTemplate, hasExpression } from './template';
