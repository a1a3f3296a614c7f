import type { Act } from '../../domain/approval/act';
import type { ActArguments, ActName } from './contract';

/** What somebody asks for, without who asks. */
export type AskedAct = { [N in ActName]: { name: N; args: Omit<ActArguments[N], 'credential' | 'by'> } }[ActName];

/** An act as the rules know it: for the workflow, and for those who answer in place of one that has ended. */
export function actOf({ name, args }: AskedAct, { by, operator }: { by: string; operator: boolean }, at: number): Act {
  switch (name) {
    case 'decide':
      return { type: args.decision, by, at, evidenceHash: args.evidenceHash, comment: args.comment, form: args.form, for: args.for };
    case 'comment':
      return { type: 'comment', by, at, operator, comment: args.comment };
    case 'requestChanges':
      return { type: 'request_changes', by, at, evidenceHash: args.evidenceHash, comment: args.comment };
    case 'resubmit':
      return { type: 'resubmit', by, at, evidenceHash: args.evidenceHash, comment: args.comment };
    case 'revoke':
      return { type: 'revoke', by, at };
    case 'delegate':
      return { type: 'delegate', by, at, to: args.to, since: moment(args.since), until: moment(args.until) };
    case 'withdraw':
      return { type: 'withdraw', by, at, operator, comment: args.comment };
    case 'remind':
      return { type: 'remind', by, at, operator };
    case 'escalate':
      return { type: 'escalate', by, at, operator };
  }
}

const moment = (time: string | undefined): number | undefined => (time === undefined ? undefined : Date.parse(time));
