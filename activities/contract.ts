import type { ErrorInfo } from '../domain/errors';
import type { ApprovalParent } from '../domain/approval/parent';
import type { ActOrigin, RecordedAct } from '../domain/approval/recorded-act';
import type { ApprovalState } from '../domain/approval/state';
import type { ArtifactRef } from '../domain/artifact';
import type { JsonObject } from '../domain/json';
import type { AcceptedRun, ParentRun } from '../domain/pipeline/run';
import type { RunFacts } from '../domain/pipeline/facts';
import type { TaskDispatch } from '../domain/pipeline/dispatch';
import type { TaskInput, TaskOutcome } from '../domain/pipeline/task-input';

/** A run that was born in Temporal, before it has a row. */
export interface OpenRunInput {
  workflowId: string;
  pipeline: string;
  version?: number;
  inputs: JsonObject;
  parent?: ParentRun;
  scheduledAt?: string;
  startedAtMs: number;
}
export interface OpenedRun {
  accepted: AcceptedRun;
  inputs: JsonObject;
  hasSlot: boolean;
  admitted: boolean;
  /** Why it must end at once, with a row that says so. */
  refused?: ErrorInfo;
}

/** What a run's workflow needs to know of a plan that is too large to travel. */
export interface PlanSummary {
  size: number;
  edges: number;
  failFast: boolean;
  timeoutMs: number;
  cleanupTimeoutMs: number;
  maxParallel: [task: number, limit: number][];
  /** Whether any task reads results of others: then results are written before the next tasks start. */
  readsResults: boolean;
  hasOutputs: boolean;
  chunks: number;
}

/** Decisions that the workflow cannot make from what it holds. */
export interface DecisionsInput {
  runId: string;
  planHash: string;
  startedAt: string;
  /** The run whose instances are reused by those of these tasks that match items. */
  reusesFrom?: string;
  decisions: { task: number; status: { success: boolean; failure: boolean; cancelled: boolean }; matchesItems?: true }[];
}
/**
 * In the order of the decisions. The items of a `forEach` are stored; their number is told, and the numbers of those
 * whose results were reused.
 */
export type DecisionOutcome = { run: false } | { run: true; items?: number; reused?: number[] } | { error: ErrorInfo };

/** Quick tasks that are carried out together. */
export interface QuickTasksInput {
  runId: string;
  planHash: string;
  /** When the run began, RFC 3339. */
  startedAt: string;
  /** Since the first attempt of these tasks, in milliseconds. */
  elapsedMs: number;
  units: QuickUnit[];
}
/** Compact, because there are many: index of the task, item number or -1, generation, attempt from 1 on. */
export type QuickUnit = [task: number, instance: number, generation: number, attempt: number];

/** How one attempt of a quick task ended. Times are RFC 3339. */
export type QuickEnd =
  | { outcome: 'succeeded'; startedAt: string; finishedAt: string }
  /** `retryMs`: wait before the next attempt, in milliseconds; absent when there is none. */
  | { outcome: 'failed'; error: ErrorInfo; startedAt: string; finishedAt: string; retryMs?: number }
  | { outcome: 'cancelled' };

/** The activities of the run itself; those of its tasks bear the names of their processors. */
export interface RunActivities {
  openRun(input: OpenRunInput): Promise<OpenedRun>;
  summarisePlan(planHash: string): Promise<PlanSummary>;
  /** Flags and edges as bytes (activities/pipeline/graph-codec.ts), in chunks under 512 KiB. */
  loadGraphChunk(planHash: string, chunk: number): Promise<Uint8Array>;
  /** How tasks are called, in their order: as many of the first of them as one answer holds, and one at least. */
  loadDispatches(planHash: string, tasks: number[]): Promise<TaskDispatch[]>;
  /** One attempt of each quick task, all in one local activity. Answers in their order. */
  runQuickTasks(input: QuickTasksInput): Promise<QuickEnd[]>;
  findTask(planHash: string, id: string): Promise<number | null>;
  decideStored(input: DecisionsInput): Promise<DecisionOutcome[]>;
  /** Resolves `with` of a workflow step from what is stored. */
  resolveStored(input: { task: TaskInput }): Promise<{ with: JsonObject } | { error: ErrorInfo }>;
  gatherInstances(input: { runId: string; task: string | number; planHash: string; items: number }): Promise<{ artifact?: ArtifactRef }>;
  evaluateOutputs(input: { runId: string; planHash: string; startedAt: string }): Promise<{ outputs: JsonObject; warnings: string[] }>;
  projectRun(planHash: string, facts: RunFacts): Promise<void>;
  endRun(planHash: string, facts: RunFacts, hasSlot: boolean): Promise<void>;
}

/** A request for a decision that is to be carried. */
export type OpenApprovalInput = { workflowId: string; startedAtMs: number } & (
  | { approvalId: string }
  | { request: JsonObject; parent?: ApprovalParent }
);
export type OpenedApproval = { approvalId: string; title: string; state: ApprovalState; /** Of the last entry of the record. */ seq: number } | { refused: ErrorInfo };

/** Whose act it is, as a credential proves it. */
export type Actor = ActOrigin & {
  person: string;
  operator: boolean;
  channel: string;
  address: string | null;
  /** The same for each token of one act, of which it is carried out once. */
  mark?: string;
};

export interface RecordApprovalInput {
  approvalId: string;
  /** Of the entry before the first of these: what the record has already is left as it is. */
  after: number;
  acts: RecordedAct[];
  state: ApprovalState;
  standing: string;
}

/** The activities of a request for a decision. */
export interface ApprovalActivities {
  /** Gives a request its row, its people and the first entry of its record, or finds them. */
  openApproval(input: OpenApprovalInput): Promise<OpenedApproval>;
  /**
   * Whose act it is. Short, so that it runs as a local activity: a token of the API is opened without asking Postgres.
   * `act` is the text of the act (domain/approval/act-text.ts), to whose SHA-256 a token of the API is bound.
   */
  identifyActor(input: { approvalId: string; credential?: string; by?: string; act: string }): Promise<{ actor: Actor } | { refusal: { code: string; message: string } }>;
  /** Writes record, read model and notices in one transaction. */
  recordApproval(input: RecordApprovalInput): Promise<{ head: string }>;
}

/** A task's activity, whatever its processor. */
export type TaskActivity = (input: TaskInput) => Promise<TaskOutcome>;
