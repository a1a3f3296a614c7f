import type { TaskInput } from '../../domain/pipeline/task-input';
import { withLogFields } from '../../platform/log-fields';
import { SpanKind, markFailed, openSpan, inContext, runContext } from '../../platform/tracing';
import type { ActivityDependencies } from '../dependencies';
import type { AttemptEnd } from './attempt';

/** Which attempt it is. */
export interface ObservedAttempt {
  processor: string;
  number: number;
  input: TaskInput;
}

/** What is to be seen of an attempt from outside: its ids in the log, its span in the trace of its run, its figures. */
export function observed({ processor, number, input }: ObservedAttempt, { metrics, logger }: Pick<ActivityDependencies, 'metrics' | 'logger'>, work: () => Promise<AttemptEnd>): Promise<AttemptEnd> {
  const { id: task, instance } = input.unit;
  const runId = input.inline?.run.id ?? input.stored?.runId ?? '';
  return withLogFields({ runId, task, attempt: number, processor, ...(instance >= 0 && { instance }) }, async () => {
    const done = metrics.beginAttempt(processor);
    const { span, inside } = openSpan(`task ${processor}`, {
      kind: SpanKind.CONSUMER, parent: runContext(runId),
      attributes: { 'datamcp.run.id': runId, 'datamcp.task': task, 'datamcp.attempt': number, ...(instance >= 0 && { 'datamcp.instance': instance }) },
    });
    try {
      const end = await inContext(inside, work);
      done(end.outcome);
      if (end.outcome === 'failed') markFailed(span, end.error.code);
      inContext(inside, () => tell(logger, end));
      return end;
    } finally {
      span.end();
    }
  });
}

/** Failures are worth a line: their code is enough, the row of the task has the text. */
function tell(logger: ActivityDependencies['logger'], end: AttemptEnd): void {
  switch (end.outcome) {
    case 'failed': logger.info('an attempt failed', { code: end.error.code, retryable: end.error.retryable }); break;
    case 'succeeded':
    case 'cancelled': if (logger.isDebugEnabled()) logger.debug(`an attempt ${end.outcome === 'succeeded' ? 'succeeded' : 'was cancelled'}`);
  }
}
