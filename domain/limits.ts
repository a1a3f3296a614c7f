const KiB = 1024;
const MiB = 1024 * KiB;

/** Sizes that the pipeline language promises (docs/language.md). Bytes of UTF-8 JSON unless the name says otherwise. */
export const limits = {
  yamlBytes: 2 * MiB,
  jsonBytes: 20 * MiB,
  tasks: 100_000,
  edges: 1_000_000,
  runInputsBytes: 64 * KiB,
  withBytes: 256 * KiB,
  resolvedWithBytes: 1 * MiB,
  outputBytes: 64 * KiB,
  errorTextBytes: 4 * KiB,
  logBytesPerAttempt: 1 * MiB,
  /** Instructions that the pattern of an input is compiled to: matching takes at worst as many steps for each character. */
  patternInstructions: 1_000,
  /** Running work that is told to cancel has so many milliseconds to end. */
  cancelGraceMs: 30_000,
  forEachItems: 10_000,
  forEachItemsBytes: 64 * KiB,
  /** A plan under this size travels in the start arguments of its run; a larger one is loaded by hash. */
  inlinePlanBytes: 64 * KiB,
  /** What one message to or from a workflow carries: far under Temporal's 2 MB for a payload. */
  messageBytes: 512 * KiB,
  expressionBytes: 4 * KiB,
  expressionNodes: 500,
  expressionDepth: 32,
  expressionMacroDepth: 2,
  expressionListItems: 10_000,
  /** Of one template: about the time of evaluating so many nodes, a fraction of a second. */
  expressionSteps: 1_000_000,
  expressionValueBytes: 1 * MiB,
} as const;
