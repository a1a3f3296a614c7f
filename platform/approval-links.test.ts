import { ApprovalLinks } from './approval-links';
import { ApprovalTokens } from './approval-tokens';
import { loadConfig } from './config';

const needed = { DATABASE_URL: 'postgres://app:db-password-1@db/app', TEMPORAL_ADDRESS: 'temporal:7233' };
const doorUnder = (address: string): string => {
  const config = loadConfig({ ...needed, DATAMCP_API_URL: address });
  return new ApprovalLinks(config, new ApprovalTokens(config)).door('7');
};

test('links keep the path of the address that the API has', () => {
  expect(doorUnder('https://host.example/datamcp/')).toBe('https://host.example/datamcp/review/7');
  expect(doorUnder('https://host.example')).toBe('https://host.example/review/7');
});

test.each(['https://host.example/?page=1', 'https://host.example/#top', 'ftp://host.example', 'host.example'])('%s is no address that paths could be appended to', (address) => {
  expect(() => doorUnder(address)).toThrow(/DATAMCP_API_URL: must /);
});
