import { DefaultFailureConverter } from '@temporalio/common';

/** Moves message and stack of a failure into a payload, which is encrypted like any other. Its type, our code, stays readable. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
