import { findConnection, listConnections } from '../../db/connections';
import { connectionName } from '../../platform/connection-settings';
import { jsonBody, noBody } from '../body';
import { cutPage, decodeCursor, pageQuery } from '../pages';
import { nothing, route } from '../route';
import { connectionPageSchema, connectionParams, connectionSchema, connectionTestSchema, newConnectionSchema } from './schemas';
import { connectionView, noConnection, removeConnection, setConnection, testConnection } from './service';

export const connectionRoutes = [
  route({
    method: 'get', path: '/v1/connections', tag: 'connections', access: 'author',
    summary: 'List the connections that were made over the API, by name',
    params: nothing, query: pageQuery(), body: noBody, success: { 200: 'a page of connections' }, result: connectionPageSchema,
    async handle({ deps, query: { limit, cursor } }) {
      const rows = await listConnections(deps.pool, { after: decodeCursor(connectionName, cursor), limit: limit + 1 });
      return { status: 200, body: cutPage(rows, limit, connectionView, (row) => row.name) };
    },
  }),
  route({
    method: 'get', path: '/v1/connections/{name}', tag: 'connections', access: 'author',
    summary: 'Show a connection',
    params: connectionParams, query: nothing, body: noBody, success: { 200: 'the connection; secrets by name' }, result: connectionSchema,
    async handle({ deps, params }) {
      const row = await findConnection(deps.pool, params.name);
      if (!row) throw noConnection(params.name);
      return { status: 200, body: connectionView(row) };
    },
  }),
  route({
    method: 'put', path: '/v1/connections/{name}', tag: 'connections', access: 'admin',
    summary: 'Make a connection, or change it; tasks that start from now on use it',
    params: connectionParams, query: nothing, body: jsonBody(newConnectionSchema),
    success: { 200: 'changed', 201: 'made' }, result: connectionSchema,
    async handle(call) {
      const { made, row } = await setConnection(call);
      return { status: made ? 201 : 200, body: connectionView(row) };
    },
  }),
  route({
    method: 'delete', path: '/v1/connections/{name}', tag: 'connections', access: 'admin',
    summary: 'Delete a connection; its secrets stay',
    params: connectionParams, query: nothing, body: noBody, success: { 200: 'deleted' }, result: connectionSchema,
    async handle(call) {
      return { status: 200, body: connectionView(await removeConnection(call)) };
    },
  }),
  route({
    method: 'post', path: '/v1/connections/{name}/test', tag: 'connections', access: 'admin',
    summary: 'Try a connection, as seen from the API',
    params: connectionParams, query: nothing, body: noBody, success: { 200: 'whether it works, and if not, why' }, result: connectionTestSchema,
    async handle({ deps, params }) {
      return { status: 200, body: await testConnection(deps, params.name) };
    },
  }),
];
