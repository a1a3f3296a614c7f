import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, context, type Context, type ContextManager } from '@opentelemetry/api';

/** Ids that log lines bear, by the same names in every process. */
export interface LogFields {
  /** `X-Request-Id` of the request that is being answered. */
  requestId?: string;
  /** Id of the workflow in Temporal. */
  workflowId?: string;
  /** Id of the run of a pipeline. */
  runId?: string;
  /** Id of a request for a decision. */
  approvalId?: string;
  task?: string;
  /** Item number of a `forEach` instance. */
  instance?: number;
  attempt?: number;
  processor?: string;
}

/** What follows one request or attempt over its awaits. */
interface Surroundings {
  /** The span that it is in. */
  context: Context;
  fields: LogFields;
}

const outside: Surroundings = { context: ROOT_CONTEXT, fields: {} };
/** One for all of it: each storage costs at every promise of the process. */
const storage = new AsyncLocalStorage<Surroundings>();
const current = (): Surroundings => storage.getStore() ?? outside;

/** The ids that are bound here. */
export const boundFields = (): LogFields => current().fields;

/** Binds ids to everything that is logged from within `work`, beside those that are bound already. */
export function withLogFields<T>(fields: LogFields, work: () => T): T {
  const bound = current();
  return storage.run({ context: bound.context, fields: { ...bound.fields, ...fields } }, work);
}

class AsyncContext implements ContextManager {
  active(): Context {
    return current().context;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(active: Context, work: F, thisArg?: ThisParameterType<F>, ...args: A): ReturnType<F> {
    const bound = current();
    // Where nobody traces, there is nothing to change.
    if (bound.context === active) return work.apply(thisArg, args);
    return storage.run({ context: active, fields: bound.fields }, () => work.apply(thisArg, args));
  }

  /** What is not called with a context keeps that of its caller. */
  bind<T>(_active: Context, target: T): T {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    storage.disable();
    return this;
  }
}

/** Once a process, and also while no spans are made: a trace that a caller began is passed on all the same. */
context.setGlobalContextManager(new AsyncContext());
