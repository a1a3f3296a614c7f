import { Nearest } from './nearest';

it.each([
  ['titel', 'title'], ['aprovers', 'approvers'], ['Policy', 'policy'], ['int', 'integer'], ['deadlien', 'deadline'], ['ab', undefined], ['titsl', undefined],
])('%s is meant as %s', (name, meant) => {
  expect(new Nearest().to(name, ['title', 'policy', 'approvers', 'deadline', 'integer'])).toBe(meant);
});
