import { commandFor } from './folders';

const folders = { root: '/clone', home: '/clone', data: '/clone/.datamcp', logs: '/clone/.datamcp/logs' };

test('a command for a stack kept elsewhere says where, so that it reaches no other', () => {
  expect(commandFor(folders, 'npm start')).toBe('npm start');
  expect(commandFor({ ...folders, home: "/it's here" }, 'npm start')).toBe("DATAMCP_STACK_HOME='/it'\\''s here' npm start");
});
