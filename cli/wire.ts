import type { ErrorInfo } from '../domain/errors';
import type { JsonObject } from '../domain/json';
import type { Fault } from '../domain/pipeline/fault';
import type { InputSpec, Plan } from '../domain/pipeline/plan';
import type { RunView, TaskView } from '../domain/pipeline/run';

/** Answers of the API that domain types do not describe already (docs/http-api.md). */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface ValidationView {
  valid: boolean;
  errors: Fault[];
  warnings: Fault[];
  plan: Plan | null;
}

export interface PipelineView {
  name: string;
  description: string | null;
  labels: Record<string, string>;
  version: number;
  archivedAt: string | null;
  createdAt: string;
  updatedAt: string;
}

/** The newest definition of a pipeline, or the one of a version. */
export interface DefinitionView {
  source: string;
  plan: PlanSummary;
}

export interface PlanSummary {
  tasks: number;
  edges: number;
  processors: string[];
  inputs: InputSpecs;
  outputs: string[];
}

export interface AppliedView {
  name: string;
  version: number;
  tasks: number;
  change: 'created' | 'updated' | 'unchanged' | 'revived';
  dryRun: boolean;
  warnings: Fault[];
}

export interface VersionView {
  version: number;
  planHash: string;
  tasks: number;
  createdAt: string;
  createdBy: string;
}

export interface AttemptView {
  instance: number | null;
  generation: number;
  attempt: number;
  startedAt: string;
  finishedAt: string | null;
  worker: string | null;
  error: ErrorInfo | null;
}

export type TaskDetail = TaskView & { attempts: AttemptView[]; instances: Page<TaskView> };

export interface ArtifactView {
  id: string;
  task: string;
  instance: number | null;
  name: string;
  bytes: number;
  contentType: string;
  sha256: string;
  createdAt: string;
}

export interface LogLine {
  id?: string | number;
  at: string;
  level: string;
  task: string;
  instance: number | null;
  attempt: number;
  message: string;
  fields?: JsonObject | null;
}

export interface SubjectView {
  type: string;
  name: string;
  email: string | null;
}

export interface KeyView {
  id: string;
  /** Only in the answer that made it. */
  key?: string;
  prefix: string;
  subject: SubjectView;
  roles: string[];
  groups: string[];
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
}

export interface MeView {
  subject: SubjectView;
  roles: string[];
  groups: string[];
}

export interface HealthView {
  status: string;
  components: Record<string, { status: string; latencyMs: number; detail: string | null }>;
}

export type RunWithTasks = RunView & { tasks: TaskView[] };
export type InputSpecs = Record<string, InputSpec>;
