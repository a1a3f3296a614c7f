import { awaited } from './rights';
import { isFinal, spent, type ApprovalState } from './state';

/** What people and programs are told of a request. */
export type NoticeKind =
  | 'request' | 'escalated' | 'delegated' | 'reminder' | 'changes_requested' | 'changes_request_revoked' | 'resubmitted' | 'commented' | 'voted'
  | 'vote_revoked' | 'decided'
  // These tell of no act: a delegation has begun to hold; a person asked for a new link.
  | 'delegation_begun' | 'link';

/** One thing told to one recipient: a mail to a person, or a call of a webhook (`webhook/<name>`, person empty). */
export interface Notice {
  kind: NoticeKind;
  channel: string;
  person: string;
}

/** One without an address is told nothing: it only decides. */
export interface NoticeWebhook { name: string; format: 'generic' | 'slack'; url?: string | undefined }

/** An entry of the record, as far as it decides who is told. */
export interface ToldAct {
  type: string;
  at: number;
  by?: string;
  /** Whom it names: those who were reminded or brought in, or the delegate. */
  to?: string[];
  /** Whose votes lapsed. */
  lapsed?: string[];
}

interface Rule {
  kind: NoticeKind;
  people: (state: ApprovalState, act: ToldAct) => Iterable<string>;
  webhooks: readonly NoticeWebhook['format'][];
}

const all = ['generic', 'slack'] as const;
const programs = ['generic'] as const;

const waitedFor = (state: ApprovalState, { at }: ToldAct): string[] => (isFinal(state) ? [] : awaited(state, at));
const named = (_state: ApprovalState, { to = [] }: ToldAct): string[] => to;
const nobody = (): string[] => [];
const requesterOf = ({ requester }: ApprovalState): string[] => [requester];
const unspent = (state: ApprovalState, { to = [] }: ToldAct): string[] => to.filter((person) => !spent(state).has(person));
const otherSide = (state: ApprovalState, act: ToldAct): string[] => (act.by === state.requester ? waitedFor(state, act) : [state.requester]);

const rules: Readonly<Record<string, Rule>> = {
  requested: { kind: 'request', people: waitedFor, webhooks: all },
  stage_passed: { kind: 'request', people: waitedFor, webhooks: all },
  escalated: { kind: 'escalated', people: unspent, webhooks: all },
  delegated: { kind: 'delegated', people: named, webhooks: [] },
  reminded: { kind: 'reminder', people: named, webhooks: all },
  changes_requested: { kind: 'changes_requested', people: requesterOf, webhooks: all },
  changes_request_revoked: { kind: 'changes_request_revoked', people: requesterOf, webhooks: programs },
  resubmitted: { kind: 'resubmitted', people: (state, act) => [...waitedFor(state, act), ...(act.lapsed ?? [])], webhooks: all },
  commented: { kind: 'commented', people: otherSide, webhooks: programs },
  voted: { kind: 'voted', people: nobody, webhooks: programs },
  vote_revoked: { kind: 'vote_revoked', people: nobody, webhooks: programs },
  decided: { kind: 'decided', people: (state) => [state.requester, ...state.votes.map(({ person }) => person)], webhooks: all },
};

/**
 * Who is told of an entry of the record, each once; nobody of an entry of another type.
 * @param state after the entry; a later one will do, too: nobody is asked what has been decided meanwhile
 */
export function noticesOf(act: ToldAct, state: ApprovalState, webhooks: readonly NoticeWebhook[]): Notice[] {
  const rule = Object.hasOwn(rules, act.type) ? rules[act.type] : undefined;
  // The last stage: that it is decided is told by itself.
  if (!rule || (act.type === 'stage_passed' && isFinal(state))) return [];
  const { kind } = rule;
  const mails = [...new Set(rule.people(state, act))].map((person): Notice => ({ kind, channel: 'mail', person }));
  const calls = webhooks.filter(({ format, url }) => url !== undefined && rule.webhooks.includes(format)).map(({ name }): Notice => ({ kind, channel: `webhook/${name}`, person: '' }));
  return [...mails, ...calls];
}
