import { z } from 'zod';
import { AppError } from '../../domain/errors';
import { findKey, listKeys } from '../../db/keys';
import { jsonBody, noBody } from '../body';
import { once } from '../idempotency';
import { cutPage, decodeCursor, pageQuery } from '../pages';
import { nothing, route } from '../route';
import { createdKeySchema, keyPageSchema, keySchema, meSchema, newKeySchema } from './schemas';
import { createKey, endKey, keyView, secretFor } from './service';

const idParams = z.object({ id: z.uuid() });

export const keyRoutes = [
  route({
    method: 'get', path: '/v1/me', tag: 'identities', access: 'anyone',
    summary: 'Who this key acts as',
    params: nothing, query: nothing, body: noBody, success: { 200: 'the subject of the key' }, result: meSchema,
    async handle({ caller }) {
      const { keyId, subject, roles, groups, expiresAt } = caller;
      return { status: 200, body: { keyId, subject, roles, groups, expiresAt: expiresAt?.toISOString() ?? null } };
    },
  }),
  route({
    method: 'post', path: '/v1/keys', tag: 'identities', access: 'admin',
    summary: 'Make a key',
    params: nothing, query: nothing, body: jsonBody(newKeySchema), headers: ['Idempotency-Key'],
    success: { 201: 'made; the key is shown this once' }, result: createdKeySchema,
    async handle(call) {
      const secret = secretFor(call);
      const hidden = createdKeySchema.omit({ key: true });
      const reply = await once(call, hidden, async (client) => {
        const { key: _, ...shown } = await createKey(client, call, secret, new Date());
        return { status: 201, body: shown, headers: { Location: `/v1/keys/${shown.id}` } };
      });
      return { ...reply, body: { ...reply.body, key: secret } };
    },
  }),
  route({
    method: 'get', path: '/v1/keys', tag: 'identities', access: 'admin',
    summary: 'List the keys, oldest first',
    params: nothing, query: pageQuery(), body: noBody, success: { 200: 'a page of keys, revoked ones too' }, result: keyPageSchema,
    async handle({ deps, query: { limit, cursor } }) {
      const rows = await listKeys(deps.pool, { after: decodeCursor(z.uuid(), cursor), limit: limit + 1 });
      return { status: 200, body: cutPage(rows, limit, keyView, (row) => row.id) };
    },
  }),
  route({
    method: 'get', path: '/v1/keys/{id}', tag: 'identities', access: 'admin',
    summary: 'Show a key',
    params: idParams, query: nothing, body: noBody, success: { 200: 'the key without its secret' }, result: keySchema,
    async handle({ deps, params }) {
      const row = await findKey(deps.pool, params.id);
      if (!row) throw new AppError('not_found', `There is no key ${params.id}.`);
      return { status: 200, body: keyView(row) };
    },
  }),
  route({
    method: 'delete', path: '/v1/keys/{id}', tag: 'identities', access: 'admin',
    summary: 'Revoke a key',
    params: idParams, query: nothing, body: noBody, success: { 200: 'revoked, at once and for all processes' }, result: keySchema,
    async handle(call) {
      return { status: 200, body: await endKey(call) };
    },
  }),
];
