import { findSecret, listSecrets } from '../../db/secrets';
import { secretName } from '../../platform/connection-settings';
import { jsonBody, noBody } from '../body';
import { cutPage, decodeCursor, pageQuery } from '../pages';
import { nothing, route } from '../route';
import { newSecretSchema, rotationSchema, secretPageSchema, secretParams, secretSchema } from './schemas';
import { noSecret, removeSecret, rotateSecrets, secretView, setSecret } from './service';

/** Values go in and never come out: no schema of a result has a place for one. */
export const secretRoutes = [
  route({
    method: 'get', path: '/v1/secrets', tag: 'secrets', access: 'author',
    summary: 'List the secrets that were set over the API, by name, without their values',
    params: nothing, query: pageQuery(), body: noBody, success: { 200: 'a page of secrets' }, result: secretPageSchema,
    async handle({ deps, query: { limit, cursor } }) {
      const rows = await listSecrets(deps.pool, { after: decodeCursor(secretName, cursor), limit: limit + 1 });
      return { status: 200, body: cutPage(rows, limit, secretView, (row) => row.name) };
    },
  }),
  route({
    method: 'post', path: '/v1/secrets/rotate', tag: 'secrets', access: 'admin',
    summary: 'Encrypt all secrets with the newest key',
    params: nothing, query: nothing, body: noBody, success: { 200: 'what was done, and what is left' }, result: rotationSchema,
    async handle(call) {
      return { status: 200, body: await rotateSecrets(call) };
    },
  }),
  route({
    method: 'get', path: '/v1/secrets/{name}', tag: 'secrets', access: 'author',
    summary: 'Show a secret without its value',
    params: secretParams, query: nothing, body: noBody, success: { 200: 'the secret' }, result: secretSchema,
    async handle({ deps, params }) {
      const row = await findSecret(deps.pool, params.name);
      if (!row) throw noSecret(params.name);
      return { status: 200, body: secretView(row) };
    },
  }),
  route({
    method: 'put', path: '/v1/secrets/{name}', tag: 'secrets', access: 'admin',
    summary: 'Set a secret; tasks that start from now on get the new value',
    params: secretParams, query: nothing, body: jsonBody(newSecretSchema),
    success: { 200: 'a new version', 201: 'made' }, result: secretSchema,
    async handle(call) {
      const row = await setSecret(call);
      return { status: row.version === 1 ? 201 : 200, body: secretView(row) };
    },
  }),
  route({
    method: 'delete', path: '/v1/secrets/{name}', tag: 'secrets', access: 'admin',
    summary: 'Delete a secret; tasks that name it fail from now on',
    params: secretParams, query: nothing, body: noBody, success: { 200: 'deleted; the value is gone' }, result: secretSchema,
    async handle(call) {
      return { status: 200, body: secretView(await removeSecret(call)) };
    },
  }),
];
