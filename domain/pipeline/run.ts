import type { ErrorInfo } from '../errors';
import type { Json, JsonObject } from '../json';
import type { RunProgress, RunStatus, TaskStatus } from './status';

/** How a run came to be: `{type: "api"}`, `{type: "schedule", name}`, `{type: "temporal"}`, `{type: "parent"}`. */
export interface RunTrigger {
  type: 'api' | 'cli' | 'schedule' | 'webhook' | 'run' | 'parent' | 'temporal' | 'rerun';
  name?: string;
}

/** What expressions see as `run`, and what every activity of the run is told. */
export interface RunContext {
  id: string;
  pipeline: string;
  version: number;
  /** RFC 3339, UTC. */
  startedAt: string;
  scheduledAt: string | null;
  trigger: RunTrigger;
  requestedBy: string;
}

/** A run as everyone sees it (docs/http-api.md); times are RFC 3339 in UTC. */
export interface RunView {
  id: string;
  pipeline: string;
  version: number;
  status: RunStatus;
  inputs: JsonObject;
  outputs: JsonObject | null;
  labels: Record<string, string>;
  priority: number;
  trigger: RunTrigger;
  requestedBy: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  progress: RunProgress;
  error: ErrorInfo | null;
  warnings: string[];
  rerunOf: string | null;
  parentRun: string | null;
  workflowId: string;
  links: { temporal: string | null; console: string | null };
}

export interface TaskView {
  id: string;
  /** Item number of a `forEach` instance, else null. */
  instance: number | null;
  uses: string;
  status: TaskStatus;
  attempt: number;
  generation: number;
  startedAt: string | null;
  finishedAt: string | null;
  needs: string[];
  output: Json;
  error: ErrorInfo | null;
  progress: { percent: number; message?: string } | null;
  waitingFor: string | null;
}
