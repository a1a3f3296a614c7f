import type { Act } from '../../domain/approval/act';
import { decide } from '../../domain/approval/decide';
import { recordedAct, type ActOrigin } from '../../domain/approval/recorded-act';
import type { Answer } from '../../domain/approval/refusal';
import { standingText } from '../../domain/approval/standing-text';
import { isFinal, type ApprovalState } from '../../domain/approval/state';
import type { ActReply, CarriedApproval } from './contract';
import { Recorder } from './recorder';

/** By which way an act comes. */
interface Source {
  channel: string;
  address: string | null;
  /** Of what somebody did: the audit has it. */
  origin?: ActOrigin;
}

/** One request: its state, what is done with it one after the other, and what of that is still to be recorded. */
export class Desk {
  readonly recorder: Recorder;
  readonly approvalId: string;
  readonly title: string;
  state: ApprovalState;
  private clock = 0;
  private readonly used: Set<string>;

  constructor({ approvalId, title, state, seq, used = [] }: CarriedApproval, private readonly onChange: () => void) {
    this.approvalId = approvalId;
    this.title = title;
    this.state = state;
    this.used = new Set(used);
    this.recorder = new Recorder(approvalId, seq, () => ({ state: this.state, standing: this.standing }));
  }

  /** Shows how the request stands, and sets what time does next. */
  begin(): void {
    this.now();
    this.onChange();
  }

  /** Does what may be done, and has it recorded. @param make makes the act of a moment, in milliseconds since 1970 */
  act(make: (at: number) => Act, { channel, address, origin }: Source): Answer {
    const act = make(this.now());
    const answer = decide(this.state, act);
    if (!answer.accepted || answer.events.length === 0) return answer;
    const evidenceHash = this.state.evidence.hash;
    this.state = answer.state;
    const own = answer.events.find(({ by }) => by !== undefined);
    this.recorder.add(answer.events.map((event) => ({
      ...recordedAct(event, { channel, address, evidenceHash }), ...(origin && event === own && { audit: { action: act.type, ...origin } }),
    })));
    this.onChange();
    return answer;
  }

  /**
   * Records that a message did not count: whoever sent it was not told.
   * @param who whose act it was, or whose it claimed to be without proof
   */
  refuse(act: string, { code, message }: { code: string; message: string }, who: { by: string } | { claimed: string } | null = null): void {
    this.recorder.add([{ at: this.now(), type: 'refused', body: { act, code, channel: 'signal' }, personal: { reason: message, ...who } }]);
  }

  /** A token for one act stays in the history: whoever reads it there can send it again, and it must do nothing. */
  use(mark: string | null): void {
    if (mark !== null) this.used.add(mark);
  }
  hasUsed(mark: string | null): boolean {
    return mark !== null && this.used.has(mark);
  }

  get isDecided(): boolean {
    return isFinal(this.state);
  }

  get standing(): string {
    return standingText(this.state, this.clock);
  }

  reply(changed: boolean): ActReply {
    const { status, votes, evidence, outcome = null } = this.state;
    return { changed, status, votes, evidenceHash: evidence.hash, outcome, standing: this.standing, seq: this.recorder.lastSeq };
  }

  carried(): CarriedApproval {
    return { approvalId: this.approvalId, title: this.title, state: this.state, seq: this.recorder.lastSeq, used: [...this.used] };
  }

  /** Never earlier than before, whatever the clocks of the servers say. */
  private now(): number {
    this.clock = Math.max(this.clock, Date.now());
    return this.clock;
  }
}
