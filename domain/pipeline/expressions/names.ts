import type { ASTNode } from '@marcbachmann/cel-js';

/** A name of the scope that an expression reads: `tasks.extract.output.rows` is `['tasks', 'extract', 'output', 'rows']`. */
export interface NameUse {
  /** The name and the fields after it, as far as they are written out. */
  path: string[];
  /** Whether a field after the path is computed, as in `tasks[name]`. */
  computed: boolean;
  /** How many of the first fields are read by plain access: one that is read by `.?` may be missing. */
  required: number;
  start: number;
  end: number;
}

export interface CallUse {
  name: string;
  method: boolean;
  args: number;
  start: number;
  end: number;
}

/** What an expression names, and how deep its loops are. Offsets are into its source. */
export interface Names {
  uses: NameUse[];
  calls: CallUse[];
  macroDepth: number;
}

const loops: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** Walks a syntax tree; names that a loop or `cel.bind` declares are not of the scope. */
export function namesOf(ast: ASTNode): Names {
  const names: Names = { uses: [], calls: [], macroDepth: 0 };
  visit(ast, names, new Set(), 0);
  return names;
}

type Locals = ReadonlySet<string>;

function visit(node: ASTNode, names: Names, locals: Locals, depth: number): void {
  const inner = (child: ASTNode): void => visit(child, names, locals, depth);
  switch (node.op) {
    case 'value':
      return;
    case 'id':
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      return visitAccess(node, names, locals, depth);
    case 'call':
      names.calls.push({ name: node.args[0], method: false, args: node.args[1].length, start: node.start, end: node.end });
      return node.args[1].forEach(inner);
    case 'rcall':
      return visitMethod(node, names, locals, depth);
    case 'map':
      return node.args.forEach((entry) => entry.forEach(inner));
    case '!_':
    case '-_':
      return inner(node.args);
    default:
      return node.args.forEach(inner);
  }
}

type MethodNode = Extract<ASTNode, { op: 'rcall' }>;

function visitMethod(node: MethodNode, names: Names, locals: Locals, depth: number): void {
  const [name, receiver, args] = node.args;
  names.calls.push({ name, method: true, args: args.length, start: node.start, end: node.end });
  const namespace = receiver.op === 'id' && (receiver.args === 'cel' || receiver.args === 'optional') && !locals.has(receiver.args);
  if (!namespace) visit(receiver, names, locals, depth);
  const bind = namespace && name === 'bind';
  const variable = args[0];
  if (!(bind || loops.has(name)) || variable?.op !== 'id') return args.forEach((arg) => visit(arg, names, locals, depth));
  const within = new Set(locals).add(variable.args);
  names.macroDepth = Math.max(names.macroDepth, depth + 1);
  args.slice(1).forEach((arg, index) => visit(arg, names, bind && index === 0 ? locals : within, depth + 1));
}

type AccessNode = Extract<ASTNode, { op: 'id' | '.' | '.?' | '[]' | '[?]' }>;

/** Unwinds `a.b["c"][i].d` from its end: the path is `a`, `b`, `c`, and `i` is an expression of its own. */
function visitAccess(node: AccessNode, names: Names, locals: Locals, depth: number): void {
  const fields: { field: string | null; optional: boolean }[] = [];
  let base: ASTNode = node;
  while (base.op === '.' || base.op === '.?' || base.op === '[]' || base.op === '[?]') {
    const target: ASTNode = base.args[0];
    const key: ASTNode | string = base.args[1];
    const field = typeof key === 'string' ? key : literalText(key);
    if (typeof key !== 'string' && field === null) visit(key, names, locals, depth);
    fields.unshift({ field, optional: base.op === '.?' || base.op === '[?]' });
    base = target;
  }
  if (base.op !== 'id') return visit(base, names, locals, depth);
  if (locals.has(base.args)) return;
  const computedAt = fields.findIndex(({ field }) => field === null);
  const written = computedAt === -1 ? fields : fields.slice(0, computedAt);
  const optionalAt = written.findIndex(({ optional }) => optional);
  names.uses.push({
    path: [base.args, ...written.flatMap(({ field }) => (field === null ? [] : [field]))],
    computed: computedAt !== -1,
    required: 1 + (optionalAt === -1 ? written.length : optionalAt),
    start: node.start,
    end: node.end,
  });
}

function literalText(node: ASTNode): string | null {
  return node.op === 'value' && typeof node.args === 'string' ? node.args : null;
}
