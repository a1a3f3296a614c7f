import { approvalWebhooks } from './approval-webhooks';

const problemsOf = (value: unknown): string[] => (approvalWebhooks.safeParse(typeof value === 'string' ? value : JSON.stringify(value)).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
const generic = { name: 'ops', format: 'generic', url: 'https://ops.example/hook', secret: 'long enough' };

test('a webhook that only brings decisions needs no address, and one of Slack no secret of its own', () => {
  const { url: _url, ...deaf } = generic;
  expect(approvalWebhooks.parse(JSON.stringify([deaf, { name: 'chat', format: 'slack' }]))).toEqual([deaf, { name: 'chat', format: 'slack', users: {} }]);
});

test('every fault is told with its place, and no secret', () => {
  expect(problemsOf('[{"secret": "s3cr3t!!"')).toEqual([': is not JSON']);
  expect(problemsOf([generic, generic])).toEqual([': two webhooks have the same name']);
  const faults = problemsOf([{ ...generic, name: 'Ops' }, { ...generic, name: 'b', secret: 's' }, { ...generic, name: 'c', url: 'ftp://x' }, { ...generic, name: 'd', extra: 1 }]);
  expect(faults).toHaveLength(4);
  expect(faults.map((fault) => fault.split(':')[0])).toEqual(['0.name', '1.secret', '2.url', '3']);
});
