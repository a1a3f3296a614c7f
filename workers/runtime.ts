import { DefaultLogger, Runtime } from '@temporalio/worker';
import { processorNamePattern } from '../domain/pipeline/processor-name';
import { sdkFields } from '../platform/log-fields';
import type { Logger } from '../platform/logger';

/**
 * Sets Temporal's SDK up, before its first use in a process: it logs warnings and errors like we do, also those of its
 * native part, and leaves signals to us.
 * @param metricsAddress where it serves its metrics for this process; undefined for nowhere
 */
export function installRuntime(logger: Logger, metricsAddress: string | undefined): void {
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      if (message === asMeant || isToldByUs(message, meta)) return;
      logger.log(level === 'WARN' ? 'warn' : 'error', message, sdkFields({ ...meta }));
    }),
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metricsAddress !== undefined && { metrics: { prometheus: { bindAddress: metricsAddress, useSecondsForDurations: true, countersTotalSuffix: true, unitSuffix: true } } }),
    },
    shutdownSignals: [],
  });
}

/** The worker of a further queue takes activities only. */
const asMeant = 'No workflows registered, not polling for workflow tasks';

/** Attempts of tasks that fail have a line of ours, with the ids of the task and without the text of the error. */
const isToldByUs = (message: string, meta: Record<string, unknown> = {}): boolean =>
  message === 'Activity failed' && typeof meta['activityType'] === 'string' && processorNamePattern.test(meta['activityType']);
