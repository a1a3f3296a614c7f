import type { JsonObject } from '../json';
import type { FinalCause, Situation, SituationKind, StopCause, Subject } from './explain-facts';
import { nextStep } from './explain-next';

/** Why a run or task is where it is, in the same words for the API, the command line and the Temporal UI. */
export interface Explanation {
  kind: SituationKind;
  /** One sentence for people. */
  sentence: string;
  /** RFC 3339; null where nobody has noted it. */
  since: string | null;
  /** What a person can do about it, or why there is nothing to do. */
  next: string;
  /** The facts behind the sentence, by kind (docs/explain.md). */
  details: JsonObject;
}

const longestQuote = 300;
const mostNames = 3;

/** Says what a situation is; the only place that has words for it. */
export function explain(subject: Subject, situation: Situation): Explanation {
  const { kind, since } = situation;
  return {
    kind, since,
    sentence: ended(`${nameOf(subject)} ${predicateOf(subject, situation)}`),
    next: nextStep(subject, situation),
    details: detailsOf(subject, situation),
  };
}

/** What an error, a person or a key said may bring its own full stop, and line breaks and control codes, too. */
const ended = (text: string): string => oneLine(text).replace(/[^.!?…]$/, '$&.');
const oneLine = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim();

/** `The run`, `extract`, `by_airport[3]`. */
export const nameOf = ({ task, instance }: Subject): string =>
  task === undefined ? 'The run' : `${task}${instance === undefined ? '' : `[${instance}]`}`;

function detailsOf({ task, instance }: Subject, situation: Situation): JsonObject {
  const facts: JsonObject = { ...(task !== undefined && { task }), ...(instance !== undefined && { instance }) };
  for (const [name, value] of Object.entries<JsonObject[string] | undefined>({ ...situation })) {
    if (name !== 'kind' && name !== 'since' && value !== undefined) facts[name] = value;
  }
  return facts;
}

function predicateOf(subject: Subject, facts: Situation): string {
  switch (facts.kind) {
    case 'final': return ending(facts.status, facts.cause);
    case 'running': return `runs attempt ${ofMost(facts.attempt, facts.maxAttempts)}${facts.worker === null ? '' : ` on ${facts.worker}`}${progressOf(facts)}`;
    case 'progress': return `runs: ${facts.final} of ${count(facts.total, one[facts.of])} ${facts.total === 1 ? 'is' : 'are'} final${listed('now', facts.working)}${listed('held up:', facts.heldUp)}`;
    case 'retry': return `failed in attempt ${ofMost(facts.attempt, facts.maxAttempts)} (${errorText(facts.error)}) and tries again ${facts.nextAt === null ? 'soon' : `at ${time(facts.nextAt)}`}`;
    case 'queued': return `waits on the task queue "${facts.queue}" for a free worker; about ${count(facts.backlog, 'task')} ${facts.backlog === 1 ? 'is' : 'are'} queued there`;
    case 'no_worker': return `waits for a worker: no worker polls the queue "${facts.queue}"${facts.work === 'workflow' ? ' for workflows' : ''}; ${facts.lastSeenAt === null ? 'none was seen in the last minutes' : `the last one was seen at ${time(facts.lastSeenAt)}`}`;
    case 'dispatched': return facts.queue === null ? 'is being carried out' : `has been handed to the task queue "${facts.queue}"`;
    case 'needs': return `waits for ${names(facts.open)}: ${facts.open.length} of its ${count(facts.total, 'need')} ${facts.open.length === 1 ? 'is' : 'are'} not final yet`;
    case 'deciding': return `has its needs, and its ${facts.expressions.map((name) => `\`${name}\``).join(' and ') || 'start'} is being decided`;
    case 'room': return `is ready and waits for its turn: ${facts.inFlight} of ${facts.most === null ? 'the' : `at most ${facts.most}`} ${roomOf[facts.of]} ${facts.inFlight === 1 ? 'is on its way' : 'are on their way'}`;
    case 'timer': return `waits until ${time(facts.until)}`;
    case 'child': return `waits for its child run${childOf(facts)}`;
    case 'approval': return `waits for a decision on "${short(facts.title)}"${facts.request ? `: ${short(facts.request.standing)}` : ''}`;
    case 'slot': return `waits for a slot of ${facts.pipeline} with the key "${short(facts.key)}": place ${facts.place} in the queue, and ${facts.holders.length} of ${count(facts.limit, 'slot')} held by ${names(facts.holders)}`;
    case 'starting': return facts.temporalReachable ? 'is accepted, and its workflow is being started' : 'is accepted and starts as soon as Temporal can be reached again';
    case 'paused': return `${subject.task === undefined ? 'is paused' : 'waits: the run is paused'}${facts.in === 'temporal' ? ' in Temporal' : ''}${byWhom(facts.by)}, so nothing new starts`;
    case 'cancelling': return `${stopText[facts.stop.reason]}${byWhom(facts.stop.by)}${facts.stop.why ? ` (${short(facts.stop.why)})` : ''}${limitsOf(facts)}`;
    case 'unanswered': return facts.temporalReachable ? `is open, and its workflow did not answer within ${facts.patienceMs / 1_000} s` : 'is open, and Temporal cannot be reached to ask about it';
  }
}

const one = { tasks: 'task', instances: 'instance' } as const;
const roomOf = { run: 'tasks of the run', forEach: 'instances', batch: 'tasks of the same batch' } as const;
const stopText: Record<StopCause['reason'], string> = {
  cancelled: 'is being cancelled', timed_out: 'has used up its timeout and is being ended', failed: 'is being ended at its first failure', request: 'is being cancelled',
};

function ending(status: string, cause: FinalCause): string {
  const verb = status === 'skipped' || status === 'cancelled' ? `was ${status}` : status.replace('_', ' ');
  switch (cause.reason) {
    case undefined: return `${verb}${ownEnd(cause)}`;
    case 'need': return `${verb} because its need ${cause.task ?? ''} did not succeed`.replace('  ', ' ');
    case 'condition': return `${verb} because its \`if\` said no`;
    case 'instance': return `${verb} because another instance failed before it started`;
    case 'request': return `${verb}${byWhom(cause.by)}`;
    case 'cancelled': return `${verb} with the run${byWhom(cause.by)}${cause.why ? `: ${short(cause.why)}` : ''}`;
    case 'timed_out': return `${verb} because the run used up its timeout`;
    case 'failed': return `${verb} because the run ended at its first failure`;
  }
}

function ownEnd({ by, why, attempt, error, task }: FinalCause): string {
  const after = attempt !== undefined && attempt > 1 ? ` in attempt ${attempt}` : '';
  const because = error ? `: ${task === undefined ? '' : `${task}: `}${errorText(error)}` : '';
  return `${after}${byWhom(by)}${why ? `: ${short(why)}` : because}`;
}

function childOf({ child, workflowId }: Extract<Situation, { kind: 'child' }>): string {
  if (child) return ` ${child.run} of ${child.pipeline}, which is ${child.status}`;
  return workflowId === undefined ? ', which has not begun yet' : ` ${workflowId}`;
}

const limitsOf = ({ graceUntil, cleanupUntil }: { graceUntil: string | null; cleanupUntil: string | null }): string =>
  (graceUntil === null ? '' : `; what runs has until ${time(graceUntil)} to end`) + (cleanupUntil === null ? '' : `; clean-up has until ${time(cleanupUntil)}`);

const progressOf = ({ percent, message }: { percent: number | null; message: string | null }): string =>
  (percent === null ? '' : `, ${Math.floor(percent)} %`) + (message === null ? '' : `: ${short(message)}`);

const byWhom = (by: string | null | undefined): string => (by == null || by === '' ? '' : ` by ${by}`);
const errorText = ({ code, message }: { code: string; message: string }): string => `${code}: ${short(message)}`;
const short = (text: string): string => (text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text).replace(/\.$/, '');
const ofMost = (number: number, most: number | null): string => (most === null ? `${number}` : `${number} of ${most}`);
const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/** `a`, `a and b`, `a, b, c and 4 more`. */
function names(all: readonly string[]): string {
  const shown = all.slice(0, all.length > mostNames + 1 ? mostNames : all.length);
  const last = shown.length < all.length ? `${all.length - shown.length} more` : shown.pop() ?? '';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}

const listed = (what: string, all: readonly string[]): string => (all.length === 0 ? '' : `; ${what} ${names(all)}`);

/** `2026-01-31 12:00:00 UTC`: whoever reads it may be in another zone than the server. */
const time = (at: string): string => at.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
