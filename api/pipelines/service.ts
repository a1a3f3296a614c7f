import type { Request } from 'express';
import type { z } from 'zod';
import { AppError } from '../../domain/errors';
import type { Catalogue } from '../../domain/pipeline/catalogue';
import { Nearest } from '../../domain/pipeline/definition/nearest';
import type { Fault } from '../../domain/pipeline/fault';
import type { Plan } from '../../domain/pipeline/plan';
import { planHash } from '../../domain/pipeline/plan-hash';
import { recordAudit } from '../../db/audit';
import { findPipeline, insertVersion, listPipelineNames, lockPipeline, setArchived, storePlan, type PipelineRow, type StoredPlan } from '../../db/pipelines';
import { loadCatalogue } from '../../db/processors';
import { transaction, type PoolClient, type Queryable } from '../../platform/postgres';
import type { DefinitionDocument } from '../body';
import { checkPreconditions } from '../headers';
import type { Call } from '../route';
import type { appliedSchema } from './schemas';
import { pipelineTag } from './views';

type Applied = z.output<typeof appliedSchema>;
type Change = Applied['change'];

/** @throws AppError `unavailable` before the first worker has ever started: every name would be unknown */
async function knownProcessors(db: Queryable): Promise<Catalogue> {
  const catalogue = await loadCatalogue(db);
  if (catalogue.size > 0) return catalogue;
  throw new AppError('unavailable', 'No worker has published its processors yet, so definitions cannot be checked.', { retryable: true });
}

/** Everything that is right and wrong with a document. */
export async function checkDefinition({ deps: { pool, checker }, caller, body: { text, format } }: Call<unknown, unknown, DefinitionDocument>) {
  return checker.check(text, format, await knownProcessors(pool), caller.keyId);
}

function refuseFaulty(errors: readonly Fault[]): never {
  const [first] = errors;
  const place = first?.line === undefined ? '' : ` (line ${first.line}, column ${first.column ?? 1})`;
  const more = errors.length > 1 ? ` and ${errors.length - 1} more fault(s)` : '';
  throw new AppError('definition.invalid', `${first?.message ?? 'The definition is not valid'}${place}${more}`, {
    details: { errors: errors.map((fault) => ({ ...fault })) },
  });
}

async function planOf(call: ApplyCall): Promise<{ plan: Plan; warnings: Fault[] }> {
  const { name } = call.params;
  const { plan, errors, warnings } = await checkDefinition(call);
  if (!plan || errors.length > 0) return refuseFaulty(errors);
  if (plan.name !== name) {
    refuseFaulty([{ code: 'name_mismatch', message: `the document is of the pipeline "${plan.name}", the address of "${name}"`, path: '/name' }]);
  }
  return { plan, warnings };
}

/** What applying this plan would do to the pipeline as it is. */
function changeOf(current: PipelineRow | undefined, plan: StoredPlan): Change {
  if (!current) return 'created';
  if (current.planHash !== plan.hash) return 'updated';
  return current.archivedAt ? 'revived' : 'unchanged';
}

async function store(client: PoolClient, change: Change, version: number, call: ApplyCall, plan: Plan, stored: StoredPlan): Promise<void> {
  const { text, format } = call.body;
  switch (change) {
    case 'unchanged':
      return;
    case 'revived':
      await setArchived(client, plan.name, false);
      break;
    case 'created':
    case 'updated':
      await storePlan(client, stored);
      await insertVersion(client, {
        pipeline: plan.name, version, planHash: stored.hash, description: plan.description, labels: plan.labels ?? {},
        source: text, format, createdBy: call.caller.name,
      });
  }
  await recordAudit(client, call.by, { action: 'pipeline.apply', target: `pipeline/${plan.name}`, data: { change, version } });
}

type ApplyCall = Call<{ name: string }, { dryRun: 'true' | 'false' }, DefinitionDocument>;

/**
 * Makes the document the newest version of its pipeline. A document that means the same as the newest version changes
 * nothing; an archived pipeline is in use again.
 * @throws AppError `definition.invalid` with all faults, `precondition_failed`
 */
export async function applyPipeline(call: ApplyCall): Promise<{ applied: Applied; etag: string }> {
  const dryRun = call.query.dryRun === 'true';
  const { plan, warnings } = await planOf(call);
  const stored: StoredPlan = { hash: planHash(plan), body: JSON.stringify(plan), tasks: plan.tasks.length };
  return transaction(call.deps.pool, async (client) => {
    const current = await lockPipeline(client, plan.name);
    checkPreconditions(call.request, current && pipelineTag(current));
    const change = changeOf(current, stored);
    const version = change === 'created' || change === 'updated' ? (current?.version ?? 0) + 1 : current?.version ?? 1;
    if (!dryRun) await store(client, change, version, call, plan, stored);
    const applied = { name: plan.name, version, planHash: stored.hash, tasks: stored.tasks, change, dryRun, warnings };
    return { applied, etag: dryRun && current ? pipelineTag(current) : pipelineTag({ version, planHash: stored.hash, archivedAt: null }) };
  });
}

/** So many names are looked at for one that was meant. */
const mostNames = 1_000;

/** @throws AppError `not_found`, with the name that was probably meant */
export async function requirePipeline(db: Queryable, name: string): Promise<PipelineRow> {
  const row = await findPipeline(db, name);
  if (row) return row;
  const meant = new Nearest().to(name, await listPipelineNames(db, mostNames));
  throw new AppError('not_found', `There is no pipeline "${name}".${meant === undefined ? '' : ` Did you mean "${meant}"?`}`);
}

/** Archives a pipeline: what runs goes on, nothing new is accepted. Doing it again changes nothing. */
export async function archivePipeline(call: Call<{ name: string }, unknown, unknown>, request: Request): Promise<PipelineRow> {
  const { name } = call.params;
  return transaction(call.deps.pool, async (client) => {
    const current = (await lockPipeline(client, name)) ?? await requirePipeline(client, name);
    checkPreconditions(request, pipelineTag(current));
    if (current.archivedAt) return current;
    await setArchived(client, name, true);
    await recordAudit(client, call.by, { action: 'pipeline.archive', target: `pipeline/${name}` });
    return requirePipeline(client, name);
  });
}
