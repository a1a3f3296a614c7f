import { AppError } from '../../errors';
import { childrenOf, isCelNode, isComprehension, type CelNode, type Comprehension, type Evaluate } from './cel-node';
import { Meter } from './meter';
import { weightOf } from './weight';

/** Evaluation is synchronous, so one meter at a time is in use. */
let meter = new Meter();

/** Runs an evaluation on a meter. Throws the meter's error even where the expression swallowed it. */
export function withMeter<T>(used: Meter, evaluate: () => T): T {
  const outer = meter;
  meter = used;
  try {
    const value = evaluate();
    used.settle();
    return value;
  } finally {
    meter = outer;
  }
}

const arithmetic: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%']);
const comparison: ReadonlySet<string> = new Set(['==', '!=', 'in', '<', '<=', '>', '>=']);
/** Making an error with its position costs as much as some hundred nodes, and `exists` swallows one for each item. */
const errorSteps = 300;
const charactersPerStep = 8;

/**
 * Puts the bounds into a checked syntax tree: the library has none while it evaluates.
 * Straight-line code is bounded by its number of nodes, so only loops, comparisons, calls and what makes values are charged.
 */
export function bound(root: CelNode): void {
  const seen = new Set<CelNode>();
  const visit = (node: CelNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    boundNode(node);
    childrenOf(node).forEach(visit);
  };
  visit(root);
}

function boundNode(node: CelNode): void {
  if (arithmetic.has(node.op)) node.setMeta('evaluate', evaluateArithmetic);
  else if (comparison.has(node.op)) node.setMeta('evaluate', evaluateComparison);
  else if (node.op === 'call' || node.op === 'rcall') node.setMeta('evaluate', evaluateCall);
  else if (node.op === 'list' || node.op === 'map') node.setMeta('evaluate', charged(node.meta.evaluate));
  else if (node.op === 'comprehension' && isComprehension(node.args)) boundLoop(node, node.args);
}

function charged(evaluate: Evaluate): Evaluate {
  return (evaluator, node, context) => {
    const value = evaluate(evaluator, node, context);
    meter.made(value);
    return value;
  };
}

/** An iteration costs as many steps as its body has nodes. Nested loops charge their own iterations. */
function boundLoop(node: CelNode, loop: Comprehension): void {
  const steps = countNodes(loop.step);
  const evaluateStep = loop.step.meta.evaluate;
  loop.step.setMeta('evaluate', (evaluator, step, context) => {
    meter.spend(steps);
    try {
      return evaluateStep(evaluator, step, context);
    } catch (error) {
      meter.spend(errorSteps);
      throw error;
    }
  });
  node.setMeta('evaluate', (evaluator, _node, context) => {
    const items = evaluator.run(loop.iterable, context);
    meter.sized(sizeOf(items));
    const value = handlerOf(node)(items, loop, evaluator, context);
    meter.made(value);
    return value;
  });
}

function sizeOf(items: unknown): number {
  if (Array.isArray(items)) return items.length;
  return typeof items === 'object' && items !== null ? Object.keys(items).length : 0;
}

function countNodes(root: CelNode): number {
  const seen = new Set<CelNode>();
  const open = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    open.push(...childrenOf(node));
  }
  return seen.size;
}

const evaluateArithmetic: Evaluate = (evaluator, node, context) => {
  const { left, right } = operandsOf(node);
  const value = handlerOf(node)(evaluator.run(left, context), evaluator.run(right, context), node, evaluator);
  if (typeof value === 'bigint' || typeof value === 'number') return exact(value);
  meter.made(value);
  return value;
};

/** JSON integers are exact up to 2^53: beyond it a result would silently be another number. */
function exact(value: number | bigint): number | bigint {
  if (value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER) return value;
  throw new AppError('expression_failed', Number.isNaN(Number(value)) ? 'the result is not a number' : 'the result is beyond 2^53');
}

/** Comparing touches both sides in full at worst; what is shared is compared each time it appears. */
const evaluateComparison: Evaluate = (evaluator, node, context) => {
  const { left, right } = operandsOf(node);
  const [a, b] = [evaluator.run(left, context), evaluator.run(right, context)];
  const touched = node.op === 'in' ? weightOf(b) : Math.min(weightOf(a), weightOf(b));
  meter.spend(1 + touched / charactersPerStep);
  return handlerOf(node)(a, b, node, evaluator);
};

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const evaluateCall: Evaluate = (evaluator, node, context) => {
  const method = node.op === 'rcall';
  const [name, first, second] = listOf(node.args);
  const nodes: unknown[] = method ? [first, ...listOf(second)] : listOf(first);
  const values = nodes.map((argument) => (isCelNode(argument) ? evaluator.run(argument, context) : undefined));
  admitCall(name, values);
  const value = method ? handlerOf(node)(values, evaluator, node) : handlerOf(node)(values, node, evaluator);
  meter.made(value);
  return value;
};

const searches: ReadonlySet<unknown> = new Set(['contains', 'indexOf', 'lastIndexOf', 'split']);
/** RFC 3339: without an offset the process's own time zone would decide. */
const timestampPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** Charges a call before it runs, by what it will touch: searching is at worst length times length. */
function admitCall(name: unknown, [subject, argument]: unknown[]): void {
  if (name === 'join' && Array.isArray(subject)) {
    const separator = typeof argument === 'string' ? argument.length : 0;
    meter.wouldMake(weightOf(subject) + separator * subject.length);
  } else if (searches.has(name) && typeof subject === 'string' && typeof argument === 'string') {
    meter.spend((subject.length * (argument.length + charactersPerStep)) / (charactersPerStep * charactersPerStep));
  } else if (name === 'timestamp' && typeof subject === 'string' && !timestampPattern.test(subject)) {
    throw new AppError('expression_failed', 'timestamp() takes RFC 3339 with an offset, such as 2001-01-31T06:00:00Z');
  } else if (typeof subject === 'string') {
    meter.spend(subject.length / charactersPerStep);
  }
}

function operandsOf(node: CelNode): { left: CelNode; right: CelNode } {
  if (node.left && node.right) return { left: node.left, right: node.right };
  throw new TypeError(`the CEL operator ${node.op} was evaluated before its type check`);
}

function handlerOf(node: CelNode): NonNullable<CelNode['handle']> {
  if (node.handle) return node.handle;
  throw new TypeError(`the CEL node ${node.op} was evaluated before its type check`);
}
