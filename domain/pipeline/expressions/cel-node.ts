/**
 * A typed window onto the parts of the CEL library's syntax tree that its published types leave out.
 * The library's version is pinned, and a node of another shape is refused here rather than evaluated without bounds.
 */
export interface CelNode {
  readonly op: string;
  readonly args: unknown;
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  readonly meta: NodeMeta;
  setMeta(key: 'evaluate', value: Evaluate): unknown;
  /** Operands and handler of a binary operator or call, present once the type check has run. */
  readonly left?: CelNode;
  readonly right?: CelNode;
  readonly receiverWithArgs?: CelNode[];
  readonly handle?: (...operands: unknown[]) => unknown;
}

export interface Evaluator {
  run(node: CelNode, context: unknown): unknown;
}

export type Evaluate = (evaluator: Evaluator, node: CelNode, context: unknown) => unknown;

interface NodeMeta {
  /** What a macro such as `list.map` was expanded to; evaluated instead of the node. */
  readonly alternate?: unknown;
  /** A macro that evaluates itself (`has`, `cel.bind`, `orValue`). */
  readonly macro?: object;
  readonly evaluate: Evaluate;
}

export function isCelNode(value: unknown): value is CelNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value && 'setMeta' in value && 'meta' in value;
}

/** The syntax tree as the library keeps it. Throws when the library's shape has changed. */
export function celNode(value: unknown): CelNode {
  if (isCelNode(value)) return value;
  throw new TypeError('the CEL library returned a syntax tree of an unknown shape');
}

/** Every node below this one, macro expansions included. */
export function childrenOf(node: CelNode): CelNode[] {
  const found: CelNode[] = [];
  collect(node.args, found);
  if (isCelNode(node.meta.alternate)) found.push(node.meta.alternate);
  if (node.meta.macro) Object.entries(node.meta.macro).forEach(([key, value]) => key !== 'ast' && collect(value, found));
  return found;
}

function collect(value: unknown, found: CelNode[]): void {
  if (isCelNode(value)) found.push(value);
  else if (Array.isArray(value)) value.forEach((item) => collect(item, found));
  else if (isComprehension(value)) found.push(value.iterable, value.init, value.step);
}

/** Arguments of a `comprehension` node: a loop that a macro was expanded to. */
export interface Comprehension {
  iterable: CelNode;
  init: CelNode;
  step: CelNode;
}

export function isComprehension(value: unknown): value is Comprehension {
  return typeof value === 'object' && value !== null && 'iterable' in value && 'init' in value && 'step' in value;
}
