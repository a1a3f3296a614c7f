import { z } from 'zod';
import { AppError, errorMessage, failureText } from '../../domain/errors';
import { longestProcessorName, processorNamePattern } from '../../domain/pipeline/processor-name';
import { readPlugins, type PluginFault, type PluginFile } from '../../platform/plugins';
import type { Processor, ProcessorContext, WorkflowStep } from '../processor';
import { builtinProcessors, catalogueEntry } from './index';
import { shapeOfJsonSchema } from './json-schema';

type Processors = ReadonlyMap<string, Processor | WorkflowStep>;
type Process = (context: ProcessorContext, input: unknown) => unknown;

const schema = z.record(z.string(), z.unknown(), { error: 'is a JSON Schema (or a schema of zod 4)' });

/** What a plugin exports. */
const pluginShape = z.strictObject({
  name: z.string().max(longestProcessorName).regex(processorNamePattern, { error: 'is words in small letters with dots between them, such as text.reverse' }),
  title: z.string().min(1),
  description: z.string().optional(),
  version: z.string().regex(/^\d+\.\d+\.\d+/, { error: 'is a version such as 1.0.0' }),
  quick: z.boolean().optional(),
  literal: z.array(z.string()).optional(),
  input: z.union([z.custom<z.ZodType>(isZod), schema], { error: 'is a JSON Schema (or a schema of zod 4)' }),
  output: z.union([z.custom<z.ZodType>(isZod), schema], { error: 'is a JSON Schema (or a schema of zod 4)' }),
  process: z.custom<Process>((value) => typeof value === 'function', { error: 'is a function' }),
  cleanup: z.custom<Process>((value) => typeof value === 'function', { error: 'is a function' }).optional(),
});

/**
 * The processors of the product, and those of a folder of plugins.
 * @param tell hears of each file before it is loaded
 * @throws AppError `request.invalid` that lists every fault of every file, one a line: a worker with some of its
 * processors would fail the tasks of the others
 */
export async function loadProcessors(folder: string | undefined, tell: (file: string) => void = () => undefined): Promise<Processors> {
  if (folder === undefined) return builtinProcessors;
  const { files, faults } = await readPlugins(folder, tell);
  const processors = new Map(builtinProcessors);
  const owners = new Map([...builtinProcessors.keys()].map((name) => [name, 'a processor of the product']));
  for (const file of files) {
    const processor = processorOf(file, faults);
    if (processor === undefined) continue;
    const owner = owners.get(processor.name);
    if (owner !== undefined) faults.push({ file: file.file, message: `its name ${processor.name} is that of ${owner}` });
    owners.set(processor.name, owner ?? file.file);
    processors.set(processor.name, processor);
  }
  if (faults.length > 0) throw loadFailure(folder, faults);
  return processors;
}

function loadFailure(folder: string, faults: readonly PluginFault[]): AppError {
  const lines = faults.map(({ file, message }) => `  ${file}: ${message}`);
  return new AppError('request.invalid', `DATAMCP_PLUGINS: the plugins in ${folder} have ${faults.length} fault(s), and none was loaded:\n${lines.join('\n')}`);
}

function processorOf({ file, exported }: PluginFile, faults: PluginFault[]): Processor | undefined {
  if (exported === undefined || exported === null) {
    faults.push({ file, message: 'exports no processor: it needs a default export (or module.exports)' });
    return undefined;
  }
  const parsed = checkedExport(exported);
  if (!parsed.success) {
    faults.push(...parsed.error.issues.map(({ path, message }) => ({ file, message: `${path.length > 0 ? `\`${path.join('.')}\`` : 'its export'}: ${message}` })));
    return undefined;
  }
  const { input, output, process, cleanup, name, title, version, quick, ...rest } = parsed.data;
  const shapes = { input: shapeOf(file, 'input', input, faults, rest.literal), output: shapeOf(file, 'output', output, faults) };
  if (shapes.input === undefined || shapes.output === undefined) return undefined;
  return {
    name, title, version, input: shapes.input, output: shapes.output,
    ...(rest.description !== undefined && { description: rest.description }),
    ...(rest.literal !== undefined && { literal: rest.literal }),
    ...(quick !== undefined && { quick }),
    // As a method of what the plugin exports, so that it may use its `this`.
    process: async (context, given) => {
      try {
        return await process.call(exported, context, given);
      } catch (error) {
        throw failureOf(error);
      }
    },
    ...(cleanup !== undefined && { cleanup: async (context: ProcessorContext, given: unknown) => { await cleanup.call(exported, context, given); } }),
  };
}

/** What is exported may run code of its own when it is looked at. */
function checkedExport(exported: unknown): ReturnType<typeof pluginShape.safeParse> {
  try {
    return pluginShape.safeParse(exported);
  } catch (error) {
    return z.never({ error: `cannot be read: ${failureText(error)}` }).safeParse(exported);
  }
}

function isZod(value: unknown): value is z.ZodType {
  return typeof value === 'object' && value !== null && '_zod' in value && 'safeParse' in value;
}

/** Its schema must be one that can be published, too. */
function shapeOf(
  file: string, field: 'input' | 'output', given: z.ZodType | Record<string, unknown>, faults: PluginFault[], literal: readonly string[] = [],
): z.ZodType | undefined {
  try {
    const shape = isZod(given) ? given : shapeOfJsonSchema(given);
    const published = z.toJSONSchema(shape, { io: 'input' });
    // A slip of the pen here would let expressions into a program text.
    const unknown = literal.filter((name) => !Object.hasOwn(published.properties ?? {}, name));
    faults.push(...unknown.map((name) => ({ file, message: `\`literal\`: "${name}" is not among the properties of \`input\`` })));
    if (field === 'output' || published.type === 'object') return shape;
    faults.push({ file, message: '`input`: describes an object, since `with` is one: "type" is "object"' });
  } catch (error) {
    faults.push({ file, message: `\`${field}\`: is not a schema: ${errorMessage(error)}` });
  }
  return undefined;
}

const failureShape = z.object({ message: z.string(), retryable: z.boolean().optional(), retryAfterMs: z.number().min(0).optional() });

/** An error that says whether it passes, or when, is taken at its word; the wrapper judges all others. */
function failureOf(error: unknown): unknown {
  const said = error instanceof AppError ? undefined : failureShape.safeParse(error).data;
  if (said?.retryable === undefined && said?.retryAfterMs === undefined) return error;
  const { message, retryable = true, retryAfterMs } = said;
  return new AppError('task_failed', message, { retryable, cause: error, ...(retryAfterMs !== undefined && { details: { retryAfterMs } }) });
}

/** What the validators need to know of them. */
export const catalogueOf = (processors: Processors) => [...processors.values()].map(catalogueEntry);
