import { Pool } from 'pg';
import { loadConfig } from '../../platform/config';
import { openApprovalActivity } from './open-approval';

test('a step that asks where nobody could decide is refused with the setting that is missing', async () => {
  const { openApproval } = openApprovalActivity({ pool: new Pool(), config: loadConfig({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', TEMPORAL_ADDRESS: 'none:1' }) });
  const request = { title: 'Publish?', policy: { approvers: { users: ['ann'] } } };
  expect(await openApproval({ workflowId: 'approval/r/t/-/0', startedAtMs: 0, request })).toEqual({
    refused: { code: 'key_missing', message: expect.stringContaining('DATAMCP_SECRETS_KEY'), retryable: false },
  });
});
