import { choices } from '../../domain/approval/state';
import { Unreadable } from '../signals';
import type { ActName } from './contract';
import type { AskedAct } from './contract-acts';

/** What is wrong with a value; null when nothing is. */
type Check = (value: unknown) => string | null;

const longestText = 10_000;
const longestName = 200;

const text = (longest: number): Check => (value) => (typeof value === 'string' && value.length <= longest ? null : `must be a text of at most ${longest} characters`);
const name = text(longestName);
const comment = text(longestText);
const optional = (check: Check): Check => (value) => (value === undefined ? null : check(value));
const choice: Check = (value) => (choices.some((one) => one === value) ? null : `must be one of ${choices.join(', ')}`);
const time: Check = (value) => (typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? null : 'must be a time such as 2026-12-24T17:00:00+02:00');
const nameOrNull: Check = (value) => (value === null ? null : name(value));
const object: Check = (value) => (isObject(value) ? null : 'must be an object');

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whatever else is wrong with an act is for the rules to say; here it is only seen to that they can read it. */
const shapes: { readonly [N in ActName]: { readonly [F in keyof Extract<AskedAct, { name: N }>['args']]-?: Check } } = {
  decide: { decision: choice, comment: optional(comment), form: optional(object), for: optional(name), evidenceHash: optional(name) },
  comment: { comment },
  requestChanges: { comment, evidenceHash: optional(name) },
  resubmit: { evidenceHash: name, comment: optional(comment) },
  revoke: {},
  delegate: { to: nameOrNull, since: optional(time), until: optional(time) },
  withdraw: { comment: optional(comment) },
  remind: {},
  escalate: {},
};

const proof: Readonly<Record<string, Check>> = { credential: optional(text(longestText)), by: optional(name) };

/** What is wrong with the argument of an update or signal; null when it is an act. Signals may bring anything. */
export function shapeProblem(act: ActName, argument: unknown): string | null {
  if (argument instanceof Unreadable) return `The argument of ${act} cannot be read: ${argument.reason}.`;
  if (!isObject(argument)) return `The argument of ${act} must be an object.`;
  const fields: Readonly<Record<string, Check>> = { ...shapes[act], ...proof };
  const unknown = Object.keys(argument).find((field) => !Object.hasOwn(fields, field));
  if (unknown !== undefined) return `${act} has no field "${unknown.slice(0, longestName)}", but ${Object.keys(fields).join(', ')}.`;
  const problems = Object.entries(fields).map(([field, check]) => ({ field, problem: check(argument[field]) }));
  const wrong = problems.find(({ problem }) => problem !== null);
  return wrong ? `${act}: ${wrong.field} ${wrong.problem}.` : null;
}

/** An act as its checked argument has it, and who claims to act. */
export interface Message {
  asked: AskedAct;
  credential?: string;
  by?: string;
}

/** @throws TypeError for an argument that `shapeProblem` has something against */
export function messageOf(act: ActName, argument: unknown): Message {
  const problem = shapeProblem(act, argument);
  if (problem !== null || !isProved(argument)) throw new TypeError(problem ?? 'no object');
  const { credential, by, ...args } = argument;
  const asked = { name: act, args };
  if (!isAsked(asked)) throw new TypeError('no act');
  return { asked, ...(credential === undefined ? {} : { credential }), ...(by === undefined ? {} : { by }) };
}

const isProved = (value: unknown): value is { credential?: string; by?: string } => isObject(value);
const isAsked = (value: { name: ActName; args: unknown }): value is AskedAct => shapeProblem(value.name, value.args) === null;
