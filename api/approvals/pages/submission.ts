import type { Form } from '../../../domain/approval/form-schema';
import type { Choice } from '../../../domain/approval/state';
import { AppError } from '../../../domain/errors';
import type { AskedAct } from '../../../workflows/approval/contract-acts';
import { formValues, type Sent } from './form-fields';

/**
 * What a person asks for with the page's form. The hash of the evidence that they saw goes with every answer.
 * @param rights of whom they may vote for one
 * @throws AppError `request.invalid` when they chose nothing
 */
export function askedAct(sent: Sent, form: Form | undefined, seenHash: string, rights: readonly string[]): AskedAct {
  switch (sent['act']) {
    case 'revoke': return { name: 'revoke', args: {} };
    case 'withdraw': return { name: 'withdraw', args: {} };
    case 'comment': return { name: 'comment', args: { comment: sent['remark'] ?? '' } };
    case 'delegate': return { name: 'delegate', args: { to: nameOf(sent['to']) } };
    case 'undelegate': return { name: 'delegate', args: { to: null } };
    default: return answer(sent, form, seenHash, rights);
  }
}

function answer(sent: Sent, form: Form | undefined, evidenceHash: string, rights: readonly string[]): AskedAct {
  const comment = sent['comment']?.replaceAll('\r\n', '\n').trim() ?? '';
  const chosen = sent['answer'] ?? '';
  if (chosen === 'request_changes') return { name: 'requestChanges', args: { comment, evidenceHash } };
  if (!isChoice(chosen)) throw new AppError('request.invalid', 'Choose one of the answers first.');
  const named = sent['for']?.trim() ?? '';
  if (named === '' && rights.length > 1) throw new AppError('request.invalid', 'Say for whom you decide first.');
  const said = { ...(named !== '' && { for: named }), ...(comment !== '' && { comment }), ...(form && { form: formValues(form, sent) }) };
  return { name: 'decide', args: { decision: chosen, evidenceHash, ...said } };
}

const isChoice = (text: string): text is Choice => text === 'approve' || text === 'reject' || text === 'abstain';

function nameOf(text: string | undefined): string {
  const name = text?.trim() ?? '';
  if (name === '') throw new AppError('request.invalid', 'Say who is to decide for you: the name of a person.');
  return name;
}
