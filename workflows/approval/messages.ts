import { ApplicationFailure, CancellationScope, condition, defineQuery, defineUpdate, proxyActivities, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import type { Actor, ApprovalActivities } from '../../activities/contract';
import { actText } from '../../domain/approval/act-text';
import type { Answer } from '../../domain/approval/refusal';
import { onSignal } from '../signals';
import { messageOf, shapeProblem, type Message } from './act-shape';
import { actNames, runEndedSignal, standingQuery, type ActName, type ActReply } from './contract';
import { actOf } from './contract-acts';
import type { Desk } from './desk';

type Identify = ApprovalActivities['identifyActor'];
const quickly = proxyLocalActivities<{ identifyActor: Identify }>({ startToCloseTimeout: '2 s', retry: { maximumAttempts: 1 } });
const { identifyActor } = proxyActivities<{ identifyActor: Identify }>({
  startToCloseTimeout: '10 s', retry: { initialInterval: '200 ms', maximumInterval: '10 s' },
});

interface Refused { code: string; message: string }

/** What may come in while a request is open, and before it knows what it is: acts as updates and as signals, and the end of its run. */
export class Messages {
  /** Updates so far: Temporal takes 2,000 in one history. */
  updates = 0;
  isCancelled = false;
  private desk: Desk | null = null;
  private isClosed = false;

  constructor() {
    for (const name of actNames) {
      setHandler<ActReply, [unknown], UpdateDefinition<ActReply, [unknown]>>(defineUpdate(name), (argument) => shielded(() => this.answer(name, argument)), { validator: validatorOf(name) });
      onSignal(name, (argument) => shielded(() => this.take(name, argument)));
    }
    onSignal(runEndedSignal, () => this.withdraw('run'));
    setHandler(defineQuery<ActReply | null>(standingQuery), () => this.desk?.reply(false) ?? null);
    CancellationScope.current().cancelRequested.catch(() => {
      this.isCancelled = true;
      this.withdraw('temporal');
    });
  }

  /** From now on acts are carried out; those that came before, first. */
  openFor(desk: Desk): void {
    this.desk = desk;
  }

  /** The request was never made. */
  close(): void {
    this.isClosed = true;
  }

  private async answer(name: ActName, argument: unknown): Promise<ActReply> {
    this.updates++;
    const desk = await this.untilOpen();
    if (!desk) throw refusalOf({ code: 'not_found', message: 'The request was never made: what asks for it is not right.' });
    const message = messageOf(name, argument);
    const actor = await actorOf(desk, message);
    if ('code' in actor) throw refusalOf(actor);
    if (desk.hasUsed(markOf(message, actor))) return desk.reply(false);
    const answer = carryOut(desk, message, actor);
    if (!answer.accepted) throw refusalOf(answer.refusal);
    return desk.reply(answer.events.length > 0);
  }

  /** A signal has nobody whom it could tell: that it did not count is recorded. */
  private async take(name: ActName, argument: unknown): Promise<void> {
    const desk = await this.untilOpen();
    if (!desk) return;
    const problem = shapeProblem(name, argument);
    if (problem !== null) return desk.refuse(name, { code: 'request.invalid', message: problem });
    const message = messageOf(name, argument);
    const actor = await actorOf(desk, message);
    if ('code' in actor) return desk.refuse(name, actor, message.by === undefined ? null : { claimed: message.by });
    // What no worker answered in time comes as a signal, too: once is enough.
    if (desk.hasUsed(markOf(message, actor))) return;
    const answer = carryOut(desk, message, actor);
    if (!answer.accepted) desk.refuse(name, answer.refusal, { by: actor.person });
  }

  /** Null when there is no request after all. */
  private async untilOpen(): Promise<Desk | null> {
    await condition(() => this.desk !== null || this.isClosed);
    return this.desk;
  }

  /** The run of the request has ended, or its workflow was cancelled: nobody waits for the decision any more. */
  private withdraw(by: 'run' | 'temporal'): void {
    void shielded(async () => {
      const desk = await this.untilOpen();
      if (by === 'run') desk?.act((at) => ({ type: 'withdraw', at }), { channel: 'run', address: null });
      else desk?.act((at) => ({ type: 'withdraw', at, by, operator: true, comment: 'Its workflow was cancelled in Temporal.' }), { channel: 'signal', address: null });
    });
  }
}

/** Handlers run in the scope of the whole workflow, whose cancel would cut off what they wait for. */
const shielded = <T>(work: () => Promise<T>): Promise<T> => CancellationScope.nonCancellable(work);

const validatorOf = (name: ActName) => (argument: unknown): void => {
  const problem = shapeProblem(name, argument);
  if (problem !== null) throw refusalOf({ code: 'request.invalid', message: problem });
};

const refusalOf = (refusal: Refused): ApplicationFailure => ApplicationFailure.create({ type: refusal.code, message: refusal.message, nonRetryable: true, details: [refusal] });

async function actorOf({ approvalId }: Desk, { asked, credential, by }: Message): Promise<Actor | Refused> {
  const input = { approvalId, act: actText(asked.name, asked.args), ...(credential === undefined ? {} : { credential }), ...(by === undefined ? {} : { by }) };
  const identified = await quickly.identifyActor(input).catch(() => identifyActor(input));
  return 'actor' in identified ? identified.actor : identified.refusal;
}

/**
 * By which an act with a token is known again, whatever the token: in histories of before by the last characters of that,
 * which are of its random ciphertext. Other credentials may be used often.
 */
const markOf = ({ credential = '' }: Message, { channel, mark = credential.slice(-oldMarkLength) }: Actor): string | null => (channel === 'signal' ? null : mark);
const oldMarkLength = 16;

function carryOut(desk: Desk, message: Message, actor: Actor): Answer {
  const { person, operator, channel, address, keyId, requestId } = actor;
  const answer = desk.act((at) => actOf(message.asked, { by: person, operator }, at), { channel, address, origin: { keyId, requestId } });
  if (answer.accepted) desk.use(markOf(message, actor));
  return answer;
}
