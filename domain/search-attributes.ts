/**
 * Typed search attributes of every workflow of the product, by which the Temporal UI and CLI filter.
 * They are registered at start, because an unknown one refuses every start.
 */
export const searchAttributes = {
  pipeline: { name: 'DatamcpPipeline', type: 'KEYWORD' },
  version: { name: 'DatamcpVersion', type: 'INT' },
  /** The workflow's noun: `run`, `batch`, … */
  kind: { name: 'DatamcpKind', type: 'KEYWORD' },
  /** Changes only at open, waiting, paused and final: each change is a write on the server. */
  status: { name: 'DatamcpStatus', type: 'KEYWORD' },
  trigger: { name: 'DatamcpTrigger', type: 'KEYWORD' },
  requester: { name: 'DatamcpRequester', type: 'KEYWORD' },
} as const;
