import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { recordAudit } from '../../db/audit';
import { deleteDelegation, insertDelegation, listDelegations, type DelegationRow } from '../../db/approvals/delegations';
import { hasUsableKey } from '../../db/approvals/known-person';
import { AppError } from '../../domain/errors';
import { transaction } from '../../platform/postgres';
import { jsonBody, noBody } from '../body';
import { once } from '../idempotency';
import { invalidRequest } from '../json-guard';
import { nothing, route, type Call } from '../route';
import { delegationListSchema, delegationSchema, newDelegationSchema } from './schemas';

const tag = 'approvals';

const view = ({ id, person: from, delegate: to, since, until }: DelegationRow): z.output<typeof delegationSchema> =>
  ({ id, from, to, since: since.toISOString(), until: until.toISOString() });

/** An absence of whoever calls. @throws AppError `request.invalid` */
function absenceOf({ caller, body: { to, since, until } }: Call<unknown, unknown, z.output<typeof newDelegationSchema>>, now: Date): DelegationRow {
  const absence = { id: uuidv7(), person: caller.name, delegate: to, since: since === undefined ? now : new Date(since), until: new Date(until) };
  if (to === caller.name) throw invalidRequest([{ code: 'to_oneself', message: 'nobody delegates to themselves', path: '/to' }]);
  if (absence.until <= now) throw invalidRequest([{ code: 'in_the_past', message: 'is in the past', path: '/until' }]);
  if (absence.until <= absence.since) throw invalidRequest([{ code: 'before_begin', message: 'is not after `since`', path: '/until' }]);
  return absence;
}

/** Absences that are known ahead. Everybody has their own; those of others are none of theirs. */
export const delegationRoutes = [
  route({
    method: 'post', path: '/v1/delegations', tag, access: 'anyone', summary: 'Lend your votes to somebody while you are away, in every approval that is asked for from now on',
    params: nothing, query: nothing, body: jsonBody(newDelegationSchema), headers: ['Idempotency-Key'], success: { 201: 'kept' }, result: delegationSchema,
    handle: (call) => once(call, delegationSchema, async (client) => {
      const absence = absenceOf(call, new Date());
      if (!(await hasUsableKey(client, absence.delegate))) throw invalidRequest([{ code: 'unknown_person', message: 'nobody of this name has a key that can be used', path: '/to' }]);
      await insertDelegation(client, absence);
      await recordAudit(client, call.by, { action: 'delegation.create', target: `delegation/${absence.id}` });
      return { status: 201, body: view(absence), headers: { Location: `/v1/delegations/${absence.id}` } };
    }),
  }),
  route({
    method: 'get', path: '/v1/delegations', tag, access: 'anyone', summary: 'List your absences that have not ended',
    params: nothing, query: nothing, body: noBody, success: { 200: 'the newest first' }, result: delegationListSchema,
    async handle({ deps, caller }) {
      return { status: 200, body: { items: (await listDelegations(deps.pool, caller.name)).map(view) } };
    },
  }),
  route({
    method: 'delete', path: '/v1/delegations/{id}', tag, access: 'anyone', summary: 'Delete an absence of yours: approvals that were asked for before keep it',
    params: z.object({ id: z.uuid() }), query: nothing, body: noBody, success: { 200: 'deleted' }, result: delegationSchema,
    handle: ({ deps, caller, by, params: { id } }) => transaction(deps.pool, async (client) => {
      const absence = await deleteDelegation(client, caller.name, id);
      if (!absence) throw new AppError('not_found', `You have no delegation ${id}.`);
      await recordAudit(client, by, { action: 'delegation.delete', target: `delegation/${id}` });
      return { status: 200, body: view(absence) };
    }),
  }),
];
