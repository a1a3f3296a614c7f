import { proxyActivities, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ApprovalActivities, OpenedApproval } from '../../activities/contract';
import { searchAttributes } from '../../domain/search-attributes';
import { approvalAttributes, type ApprovalInput, type CarriedApproval } from './contract';

const { openApproval } = proxyActivities<ApprovalActivities>({
  startToCloseTimeout: '30 s', retry: { initialInterval: '200 ms', maximumInterval: '10 s' },
});

/** What the request is: carried over, accepted by the API, or to be accepted now. */
export async function openingOf(input: ApprovalInput): Promise<CarriedApproval | Extract<OpenedApproval, { refused: unknown }>> {
  if (input.carried) return input.carried;
  const { workflowId, startTime, typedSearchAttributes } = workflowInfo();
  const { approvalId, request = {}, parent } = input;
  const opened = await openApproval({
    workflowId, startedAtMs: startTime.getTime(), ...(approvalId === undefined ? { request, ...(parent && { parent }) } : { approvalId }),
  });
  if (!('refused' in opened) && typedSearchAttributes.get(searchAttributes.kind) === undefined) {
    upsertSearchAttributes([...approvalAttributes(opened.state.requester).getAll()]);
  }
  return opened;
}
