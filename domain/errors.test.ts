import { AppError, failureText } from './errors';

describe('an error of the product', () => {
  it('is not worth another attempt unless it says so, and has no details unless given', () => {
    const error = new AppError('not_found', 'There is no pipeline "a".');
    expect(error).toMatchObject({ name: 'AppError', code: 'not_found', message: 'There is no pipeline "a".', retryable: false });
    expect(error.details).toBeUndefined();
  });

  it('carries its details and cause', () => {
    const cause = new Error('refused');
    expect(new AppError('unavailable', 'Later', { retryable: true, details: { after: 5 }, cause })).toMatchObject({ retryable: true, details: { after: 5 }, cause });
  });
});

describe('the last words of a process', () => {
  it.each<[string, unknown, string]>([
    ['an error of the product have its code', new AppError('conflict', 'Migration 3 was edited.'), 'conflict: Migration 3 was edited.'],
    ['another error are its message', new Error('no such host'), 'no such host'],
    ['anything else that was thrown are that as a text', 'gone', 'gone'],
  ])('for %s', (_name, thrown, text) => {
    expect(failureText(thrown)).toBe(text);
  });
});
