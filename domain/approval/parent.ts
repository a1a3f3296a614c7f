import type { Unit } from '../pipeline/run-state';

/** The step that asks, and whom to tell how it ended. */
export interface ApprovalParent {
  workflowId: string;
  runId: string;
  task: string;
  unit: Unit;
  generation: number;
  requestedBy: string;
}
