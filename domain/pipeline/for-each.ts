import { utf8Bytes } from '../bytes';
import { AppError } from '../errors';
import type { Json } from '../json';
import { limits } from '../limits';

/**
 * The items that a `forEach` is expanded over.
 * @throws AppError when its `in` gives no list, or too much of one
 */
export function itemsOf(value: Json): Json[] {
  if (!Array.isArray(value)) throw new AppError('expression_failed', '`forEach.in` must give a list');
  if (value.length > limits.forEachItems) {
    throw new AppError('input_too_large', `\`forEach.in\` gives ${value.length} items; ${limits.forEachItems} is the limit`);
  }
  if (utf8Bytes(JSON.stringify(value)) > limits.forEachItemsBytes) {
    throw new AppError('input_too_large', '`forEach.in` gives more than 64 KiB of items; iterate over keys and look the rest up');
  }
  return value;
}
