import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from '../../devstack/postgres';
import { isAlive } from '../../devstack/processes';
import { testEnvironment } from '../harness/environment';

const dirOf = (name: string): string => join(testEnvironment().TEST_DIR, `postgres-${name}`);
const start = (dir: string): Promise<PostgresServer> => startPostgres({ dir, port: 29_000, databases: ['kept'] });

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end();
  }
}

describe('the embedded Postgres', () => {
  it('has what was committed when it is started again after kill -9', async () => {
    const first = await start(dirOf('killed'));
    await query(first.url, 'create table kept as select 42 as answer');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const second = await start(dirOf('killed'));
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await second.stop();
    expect(isAlive(second.pid)).toBe(false);
  });

  it('takes the place of a server that a killed stack left behind on its folder', async () => {
    const leftOver = await start(dirOf('left-over'));
    const server = await start(dirOf('left-over'));
    expect(isAlive(leftOver.pid)).toBe(false);
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
  });

  it('wants its own random password, which only the owner of the folder may read', async () => {
    const server = await start(dirOf('password'));
    const file = join(dirOf('password'), 'password');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(server.url).toContain(readFileSync(file, 'utf8'));
    await expect(query(`postgresql://datamcp:guess@127.0.0.1:${server.port}/kept`, 'select 1')).rejects.toThrow(/password authentication failed/);
    await server.stop();
  });

  it('starts below a folder that is closed to other users', async () => {
    const closed = dirOf('closed');
    mkdirSync(closed, { mode: 0o700 });
    const server = await start(join(closed, 'below'));
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
  });
});
