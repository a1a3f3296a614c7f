import { AppError } from '../domain/errors';
import { exitCodeOfError, exitCodeOfRun } from './exit-code';

test('a run gives 0 when it succeeded, 1 when it did not, 4 while it goes on', () => {
  expect(exitCodeOfRun('succeeded')).toBe(0);
  expect((['failed', 'cancelled', 'timed_out'] as const).map(exitCodeOfRun)).toEqual([1, 1, 1]);
  expect((['queued', 'running', 'waiting', 'paused'] as const).map(exitCodeOfRun)).toEqual([4, 4, 4, 4]);
});

test('what the caller must correct is 2; not reachable, not allowed, too busy or broken is 3', () => {
  const codes = (['definition.invalid', 'not_found', 'conflict', 'inputs.invalid'] as const).map((code) => exitCodeOfError(new AppError(code, '')));
  expect(codes).toEqual([2, 2, 2, 2]);
  const far = (['unavailable', 'auth.required', 'auth.forbidden', 'rate_limited', 'internal'] as const).map((code) => exitCodeOfError(new AppError(code, '')));
  expect(far).toEqual([3, 3, 3, 3, 3]);
});
