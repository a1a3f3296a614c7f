import { defineSearchAttributeKey } from '@temporalio/common';
import { ActivityFailure, ApplicationFailure, condition, proxyActivities, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { OpenedRun, OpenRunInput, RunActivities } from '../../activities/contract';
import { searchAttributes } from '../../domain/search-attributes';
import type { PipelineRunInput } from './contract';

const scheduledStartTime = defineSearchAttributeKey('TemporalScheduledStartTime', 'DATETIME');

const { openRun } = proxyActivities<RunActivities>({
  startToCloseTimeout: '30 s',
  retry: { initialInterval: '200 ms', maximumInterval: '10 s' },
});

/**
 * What the run is: told by the API, which wrote its row before it started the workflow, or found out by an activity for
 * a run that was born in Temporal.
 */
export async function openingOf(input: PipelineRunInput): Promise<OpenedRun> {
  const { accepted, inputs = {} } = input;
  if (accepted) return { accepted, inputs, hasSlot: accepted.hasSlot, admitted: true };
  const info = workflowInfo();
  const opened = await openRow({
    workflowId: info.workflowId,
    pipeline: input.pipeline,
    version: input.version,
    inputs,
    parent: input.parent,
    scheduledAt: info.typedSearchAttributes.get(scheduledStartTime)?.toISOString(),
    startedAtMs: info.startTime.getTime(),
  });
  const { run } = opened.accepted;
  upsertSearchAttributes([
    { key: searchAttributes.pipeline, value: run.pipeline },
    { key: searchAttributes.version, value: run.version },
    { key: searchAttributes.kind, value: 'run' },
    { key: searchAttributes.status, value: opened.admitted ? 'running' : 'queued' },
    { key: searchAttributes.trigger, value: run.trigger.type },
    { key: searchAttributes.requester, value: run.requestedBy },
  ]);
  return opened;
}

/** Says in the workflow's own failure why a run could not begin: that is all its starter sees. */
async function openRow(input: OpenRunInput): Promise<OpenedRun> {
  try {
    return await openRun(input);
  } catch (failure) {
    const cause = failure instanceof ActivityFailure ? failure.cause : undefined;
    throw cause instanceof ApplicationFailure ? ApplicationFailure.nonRetryable(cause.message, cause.type ?? undefined) : failure;
  }
}

/** Waits at the door until the run is admitted, or cancelled before that. */
export async function waitAtTheDoor(isAdmitted: () => boolean, isCancelled: () => boolean): Promise<void> {
  await condition(() => isAdmitted() || isCancelled());
  upsertSearchAttributes([{ key: searchAttributes.status, value: 'running' }]);
}

