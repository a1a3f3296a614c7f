import type { z } from 'zod';
import { defaultPriority, type Plan } from '../../domain/pipeline/plan';
import type { PipelineRow, VersionRow } from '../../db/pipelines';
import type { pipelineSchema, planSummarySchema, versionSchema } from './schemas';

export const pipelineView = (row: PipelineRow): z.output<typeof pipelineSchema> => ({
  name: row.name,
  description: row.description,
  labels: row.labels,
  version: row.version,
  planHash: row.planHash,
  archivedAt: row.archivedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});

export const versionView = (row: VersionRow): z.output<typeof versionSchema> => ({
  version: row.version,
  planHash: row.planHash,
  format: row.format,
  tasks: row.tasks,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
});

/** What people want to know of a plan before they look at its tasks. */
export const planSummary = (plan: Plan): z.input<typeof planSummarySchema> => ({
  tasks: plan.tasks.length,
  edges: plan.tasks.reduce((sum, task) => sum + (task.needs?.length ?? 0), 0),
  processors: [...new Set(plan.tasks.map((task) => task.uses))].sort(),
  inputs: Object.fromEntries(Object.entries(plan.inputs ?? {}).map(([name, spec]) => [name, { ...spec }])),
  outputs: Object.keys(plan.outputs ?? {}),
  triggers: (plan.triggers ?? []).map((trigger) => ({ ...trigger })),
  concurrency: plan.concurrency ?? null,
  priority: plan.priority ?? defaultPriority,
  timeoutMs: plan.timeoutMs,
  failFast: plan.failFast ?? false,
});

/** The entity tag of a pipeline: another one after each change of its definition and of its being archived. */
export const pipelineTag = (row: Pick<PipelineRow, 'version' | 'planHash' | 'archivedAt'>): string =>
  `"${row.version}-${row.planHash.slice(0, 16)}${row.archivedAt ? '-archived' : ''}"`;
