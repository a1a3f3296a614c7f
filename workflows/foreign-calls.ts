import { defaultPayloadConverter, type ActivityInput, type Next, type WorkflowInterceptors, type WorkflowOutboundCallsInterceptor } from '@temporalio/workflow';
import { foreignCallHeader } from './task/contract';

/** Only while a call is being scheduled, which is done before anything else goes on. */
let isForeign = false;

/** Makes a call of an activity that no worker of ours is to take. */
export function foreignCall<T>(call: () => T): T {
  isForeign = true;
  try {
    return call();
  } finally {
    isForeign = false;
  }
}

class ForeignMark implements WorkflowOutboundCallsInterceptor {
  scheduleActivity(input: ActivityInput, next: Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>): Promise<unknown> {
    return next(isForeign ? { ...input, headers: { ...input.headers, [foreignCallHeader]: defaultPayloadConverter.toPayload(true) } } : input);
  }
}

export const interceptors = (): WorkflowInterceptors => ({ outbound: [new ForeignMark()] });
