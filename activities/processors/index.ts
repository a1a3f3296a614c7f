import { z } from 'zod';
import type { CatalogueEntry } from '../../domain/pipeline/catalogue';
import type { Processor, WorkflowStep } from '../processor';
import { approval } from './approval';
import { coreAssert } from './core.assert';
import { coreFail } from './core.fail';
import { coreLog } from './core.log';
import { coreNoop } from './core.noop';
import { coreSet } from './core.set';
import { coreSleep } from './core.sleep';
import { coreWait } from './core.wait';
import { dataValidate } from './data.validate';
import { duckdbQuery } from './duckdb.query';
import { emailSend } from './email.send';
import { httpRequest } from './http.request';
import { pipelineRun } from './pipeline.run';
import { reportRender } from './report.render';
import { shellRun } from './shell.run';
import { sqlLoad } from './sql.load';
import { sqlQuery } from './sql.query';
import { temporalActivity } from './temporal.activity';
import { webhookPost } from './webhook.post';

const builtin: readonly (Processor | WorkflowStep)[] = [
  coreNoop, coreSet, coreLog, coreAssert, coreSleep, coreWait, coreFail,
  duckdbQuery, dataValidate, sqlQuery, sqlLoad, httpRequest, webhookPost, reportRender, emailSend, shellRun,
  approval, pipelineRun, temporalActivity,
];

/** The processors of the product by their `uses:` name. */
export const builtinProcessors: ReadonlyMap<string, Processor | WorkflowStep> =
  new Map(builtin.map((processor) => [processor.name, processor]));

function modeOf(processor: Processor | WorkflowStep): CatalogueEntry['mode'] {
  if ('inWorkflow' in processor) return 'workflow';
  return processor.quick ? 'quick' : 'activity';
}

/** What the validator needs to know of a processor; its schemas as JSON Schema, draft 2020-12. */
export function catalogueEntry(processor: Processor | WorkflowStep): CatalogueEntry {
  return {
    name: processor.name,
    title: processor.title,
    ...(processor.description === undefined ? {} : { description: processor.description }),
    version: processor.version,
    mode: modeOf(processor),
    inputSchema: z.toJSONSchema(processor.input, { io: 'input' }),
    outputSchema: z.toJSONSchema(processor.output, { io: 'input' }),
    ...(processor.literal === undefined ? {} : { literal: processor.literal }),
  };
}

export const builtinCatalogue: CatalogueEntry[] = builtin.map(catalogueEntry);
