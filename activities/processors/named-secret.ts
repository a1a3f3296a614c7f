import { AppError } from '../../domain/errors';
import type { ProcessorContext } from '../processor';

/**
 * A secret that a field of `with` names, instead of holding it by an expression. The wrapper masks it like any other.
 * @throws AppError `secret_missing`
 */
export function namedSecret({ config }: ProcessorContext, name: string): string {
  const value = config.secrets[name];
  if (value === undefined) throw new AppError('secret_missing', `There is no secret ${name}; an operator sets DATAMCP_SECRET_${name}`);
  return value;
}
