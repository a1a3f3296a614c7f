/** Every workflow type of the product: the entry of the workflow bundle. */
export { approval } from './approval/workflow';
export { pipelineRun } from './pipeline/workflow';
export { taskBatch } from './task/batch';
