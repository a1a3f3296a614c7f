import { processEnvironment } from './settings';

const folders = { root: '/clone', home: '/clone', data: '/clone/.datamcp', logs: '/clone/.datamcp/logs' };
const addresses = { databaseUrl: 'postgresql://stack', temporalAddress: 'stack:1', smtpUrl: 'smtp://stack', apiPort: 1, workerHealthPort: 2 };
const environment = () => processEnvironment(folders, addresses, { admin: 'admin', secrets: 'secrets' });

afterEach(() => { delete process.env['DATAMCP_ARTIFACTS']; });

test('artifacts are kept with the stack, unless the user names another store', () => {
  expect(environment()).toMatchObject({ DATAMCP_ARTIFACTS: '/clone/.datamcp/artifacts', DATABASE_URL: 'postgresql://stack' });
  process.env['DATAMCP_ARTIFACTS'] = 's3://bucket';
  expect(environment()).toMatchObject({ DATAMCP_ARTIFACTS: 's3://bucket', DATABASE_URL: 'postgresql://stack' });
});
