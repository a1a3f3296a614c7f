import type { z } from 'zod';
import type { actResultSchema, approvalSchema, approvalSummarySchema, credentialSchema } from '../api/approvals/schemas';
import type { delegationSchema } from '../api/delegations/schemas';
import type { artifactSchema } from '../api/artifacts/routes';
import type { createdKeySchema, keySchema, meSchema } from '../api/keys/schemas';
import type { healthSchema, queuesSchema } from '../api/operations/routes';
import type { appliedSchema, pipelineDetailSchema, pipelineSchema, validationSchema, versionSchema } from '../api/pipelines/schemas';
import type { runDiffSchema } from '../api/runs/diff-schemas';
import type { rerunPlanSchema } from '../api/runs/rerun-schemas';
import type { logLineSchema, taskDetailSchema } from '../api/runs/schemas';
import type { InputSpec, Plan } from '../domain/pipeline/plan';
import type { RunView, TaskView } from '../domain/pipeline/run';

/** Answers of the API, as the schemas that it documents and checks them by say. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export type InputSpecs = Record<string, InputSpec>;

type Validation = z.output<typeof validationSchema>;
/** The description leaves open what a plan is. */
export type ValidationView = Omit<Validation, 'plan'> & { plan: Plan | null };

export type PipelineView = z.output<typeof pipelineSchema>;
type PipelineDetail = z.output<typeof pipelineDetailSchema>;
/** The newest definition of a pipeline, or the one of a version. */
export type DefinitionView = Pick<PipelineDetail, 'source'> & { plan: Omit<PipelineDetail['plan'], 'inputs'> & { inputs: InputSpecs } };
export type AppliedView = z.output<typeof appliedSchema>;
export type VersionView = z.output<typeof versionSchema>;

export type RunWithTasks = RunView & { tasks: TaskView[] };
export type RunDiffView = z.output<typeof runDiffSchema>;
export type RerunPlanView = z.output<typeof rerunPlanSchema>;
export type TaskDetail = z.output<typeof taskDetailSchema>;
export type LogLine = z.output<typeof logLineSchema>;
export type ArtifactView = z.output<typeof artifactSchema>;

export type KeyView = z.output<typeof keySchema>;
/** Only the answer that made a key has its secret. */
export type CreatedKeyView = z.output<typeof createdKeySchema>;
export type MeView = z.output<typeof meSchema>;
export type HealthView = z.output<typeof healthSchema>;
export type QueuesView = z.output<typeof queuesSchema>;

export type ApprovalSummaryView = z.output<typeof approvalSummarySchema>;
export type ApprovalView = z.output<typeof approvalSchema>;
export type ActResultView = z.output<typeof actResultSchema>;
export type CredentialView = z.output<typeof credentialSchema>;
export type AbsenceView = z.output<typeof delegationSchema>;
