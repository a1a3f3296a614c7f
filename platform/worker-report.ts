import { z } from 'zod';

/** Channel of Postgres on which workers say how they are. */
export const workerReportChannel = 'worker_report';

/** Workers say how they are this often, in milliseconds. */
export const workerReportEveryMs = 10_000;

/** What a worker says of itself, for the health of the whole. Kept by nobody: who has missed it hears the next one. */
export const workerReport = z.object({
  /** As the Temporal UI shows it. */
  identity: z.string(),
  version: z.string(),
  /** The longest time since the last report that a fact was old when it was written; null when none was. */
  lagMs: z.number().nullable(),
  /** Target hosts that calls are held back from. */
  circuits: z.array(z.object({ host: z.string(), status: z.enum(['half_open', 'open']) })),
  /** Task queues that it takes activities from, beside that of the installation. Workers before this said nothing of them. */
  queues: z.array(z.string()).default([]),
});

export type WorkerReport = z.output<typeof workerReport>;
