import type { Act, VoteAct } from '../../domain/approval/act';
import type { Panel } from '../../domain/approval/policy';
import type { ApprovalState, Choice } from '../../domain/approval/state';

interface ModelVote { person: string; right: string; choice: Choice; stage: number }
type Setup = Pick<ApprovalState, 'requester' | 'policy' | 'timetable' | 'form'>;

/**
 * The meaning of an approval, written as slowly and obviously as possible: nothing is counted or remembered that can
 * be found by looking at all votes again, and who fills which quorum is found by trying everything. `decide` must agree
 * with it at every step. An answer is `counted`, `unchanged` or a code.
 */
export class ApprovalModel {
  status: ApprovalState['status'] = 'open';
  endedBy: string | undefined;
  votes: ModelVote[] = [];
  hash: string;
  changesBy: string | null = null;
  /** The stage that waits for new evidence. */
  private heldStage = 0;
  private readonly lent = new Map<string, { to: string; since: number; until: number }>();
  private links: readonly number[] = [];
  private reminders = 0;
  private now = 0;

  constructor(private readonly setup: Setup, evidenceHash: string) {
    this.hash = evidenceHash;
  }

  // Looking ---------------------------------------------------------------------------------------------------------

  /** The first stage that has not passed; the last one when all have. None passes while it waits for new evidence. */
  get stage(): number {
    if (this.changesBy !== null) return this.heldStage;
    const last = this.setup.policy.stages.length - 1;
    const open = this.setup.policy.stages.findIndex((_, stage) => !this.hasPassed(stage));
    return open === -1 ? last : open;
  }
  panels(stage: number): Panel[] {
    const joined = this.setup.policy.escalation.filter((_, link) => this.links[link] === stage).flat();
    return (this.setup.policy.stages[stage]?.panels ?? []).map((panel) => ({ ...panel, members: [...new Set([...panel.members, ...joined])] }));
  }
  /** The most places that these approvals fill, by trying every panel for everybody. */
  places(stage: number, people: string[]): number {
    return mostPlaces(this.panels(stage), people);
  }
  hasPassed(stage: number): boolean {
    const approving = this.votes.filter((vote) => vote.stage === stage && vote.choice === 'approve').map(({ right }) => right);
    return this.places(stage, approving) === sum(this.panels(stage));
  }
  isMember(person: string, stage: number): boolean {
    return this.panels(stage).some(({ members }) => members.includes(person));
  }
  isFinal(): boolean {
    return this.status !== 'open' && this.status !== 'changes_requested';
  }
  mayNever(person: string): boolean {
    return person === this.setup.requester && !this.setup.policy.requesterMayDecide;
  }
  rights(person: string, stage: number): string[] {
    if (this.mayNever(person)) return [];
    if (this.isMember(person, stage)) return [person];
    return [...this.lent].filter(([from, { to, since, until }]) => to === person && since <= this.now && this.now < until && this.isMember(from, stage)).map(([from]) => from);
  }
  stages(): number[] {
    return this.setup.policy.stages.map((_, stage) => stage);
  }
  concerns(person: string): boolean {
    return person === this.setup.requester || this.stages().some((stage) => this.rights(person, stage).length > 0);
  }
  hasCounted(person: string): boolean {
    return this.votes.some((vote) => vote.person === person || vote.right === person);
  }
  /** Whether those who have not voted are enough for all stages after this one together. */
  restIsPossible(stage: number): boolean {
    const panels = this.stages().filter((later) => later > stage).flatMap((later) => this.panels(later));
    const people = [...new Set(panels.flatMap(({ members }) => members))].filter((person) => !this.hasCounted(person));
    return mostPlaces(panels, people) === sum(panels);
  }

  // Acting ----------------------------------------------------------------------------------------------------------

  act(act: Act): string {
    this.now = act.at;
    const before = { status: this.status, endedBy: this.endedBy, changesBy: this.changesBy, links: this.links };
    const ranOut = this.runOut();
    const answer = this.isFinal() ? this.late(act) : this.inTime(act);
    // An act that is refused changes nothing: the deadline is carried out by its own timer.
    if (answer.startsWith('approval.')) Object.assign(this, before);
    return answer === 'unchanged' && ranOut ? 'counted' : answer;
  }

  private runOut(): boolean {
    const { deadlines, onDeadline } = this.setup.timetable;
    let happened = false;
    while (!this.isFinal() && (deadlines[this.links.length] ?? Infinity) <= this.now) {
      happened = true;
      if (onDeadline === 'escalate' && this.links.length < this.setup.policy.escalation.length) this.bringIn();
      else this.end({ expire: 'expired', escalate: 'expired', reject: 'rejected', cancel: 'withdrawn', approve: this.isSilent() ? 'approved' : 'expired' } as const, onDeadline);
    }
    return happened;
  }

  private isSilent(): boolean {
    return this.changesBy === null && !this.votes.some(({ choice }) => choice === 'reject');
  }

  private end<K extends string>(statuses: Record<K, ApprovalState['status']>, key: K, by?: string): void {
    this.status = statuses[key];
    this.endedBy = by;
    this.changesBy = null;
  }

  private late(act: Act): string {
    if (!('by' in act) || act.by === undefined) return 'unchanged';
    const { by } = act;
    const isVote = act.type === 'approve' || act.type === 'reject' || act.type === 'abstain';
    if (isVote && this.votes.some(({ person, choice }) => person === by && choice === act.type) && [undefined, this.hash].includes(act.evidenceHash)) return 'unchanged';
    if (act.type === 'withdraw' && this.status === 'withdrawn' && this.endedBy === by) return 'unchanged';
    return ('operator' in act && act.operator) || this.concerns(by) ? 'approval.closed' : 'approval.not_allowed';
  }

  private inTime(act: Act): string {
    if ('comment' in act && act.comment !== undefined && act.comment.length > 4_000) return 'approval.comment_invalid';
    switch (act.type) {
      case 'approve': case 'reject': case 'abstain':
        return this.vote(act);
      case 'comment':
        if (act.comment.trim() === '') return 'approval.comment_invalid';
        return act.operator || this.concerns(act.by) ? 'counted' : 'approval.not_allowed';
      case 'request_changes':
        return this.requestChanges(act);
      case 'resubmit':
        return this.resubmit(act);
      case 'revoke':
        return this.revoke(act.by);
      case 'delegate':
        return this.delegate(act);
      case 'withdraw':
        if (!this.runs(act)) return 'approval.not_allowed';
        this.end({ end: 'withdrawn' }, 'end', act.by);
        return 'counted';
      case 'remind':
        return this.remind(act);
      case 'escalate':
        return this.escalate(act);
      case 'deadline':
        return 'unchanged';
    }
  }

  private runs(act: { by?: string; operator?: boolean }): boolean {
    return act.by === undefined || act.by === this.setup.requester || act.operator === true;
  }

  private vote(act: VoteAct): string {
    const own = this.votes.find(({ person }) => person === act.by);
    const isStale = act.evidenceHash !== undefined && act.evidenceHash !== this.hash;
    if (own) return isStale ? 'approval.evidence_changed' : own.choice === act.type ? 'unchanged' : 'approval.already_decided';
    const { stage } = this;
    const hindrance = this.hindrance(act.by, isStale);
    if (hindrance) return hindrance;
    const rights = this.rights(act.by, stage).filter((right) => act.for === undefined || right === act.for);
    if (rights.length === 0) return 'approval.not_allowed';
    const right = rights.find((one) => !this.hasCounted(one));
    if (right === undefined) return 'approval.already_decided';
    if (act.type === 'reject' && this.setup.policy.rejectionNeedsComment && !act.comment?.trim()) return 'approval.comment_invalid';
    if (!this.isFilledIn(act)) return 'approval.form_invalid';
    const wasPossible = this.restIsPossible(stage);
    this.votes.push({ person: act.by, right, choice: act.type, stage });
    if (act.type === 'reject' && this.rejectionsEnd(stage)) {
      this.end({ end: 'rejected' }, 'end', act.by);
    } else if (wasPossible && !this.restIsPossible(stage)) {
      this.votes.pop();
      return 'approval.not_possible';
    } else if (this.stages().every((one) => this.hasPassed(one))) {
      this.end({ end: 'approved' }, 'end', act.by);
    }
    return 'counted';
  }

  private hindrance(person: string, isStale: boolean): string | null {
    const stages = this.stages().filter((stage) => this.rights(person, stage).length > 0);
    if (!stages.includes(this.stage)) return stages.length > 0 ? 'approval.not_possible' : 'approval.not_allowed';
    if (this.changesBy !== null) return 'approval.not_possible';
    return isStale ? 'approval.evidence_changed' : null;
  }

  private isFilledIn({ type, form = {} }: VoteAct): boolean {
    const fields = this.setup.form?.properties ?? {};
    const required = type === 'approve' ? (this.setup.form?.required ?? []) : [];
    return required.every((name) => name in form) && Object.entries(form).every(([name, value]) => name in fields && typeof value === 'boolean');
  }

  private rejectionsEnd(stage: number): boolean {
    const rejecting = this.votes.filter((vote) => vote.stage === stage && vote.choice === 'reject').map(({ right }) => right);
    if (rejecting.length === 0) return false;
    if (this.setup.policy.rejection === 'any') return true;
    const panels = this.panels(stage);
    const before = this.votes.filter((vote) => vote.stage < stage).flatMap(({ person, right }) => [person, right]);
    const rest = [...new Set(panels.flatMap(({ members }) => members))].filter((person) => !rejecting.includes(person) && !before.includes(person));
    return panels.some(({ members }) => members.filter((member) => rejecting.includes(member)).length > members.length / 2) || this.places(stage, rest) < sum(panels);
  }

  private requestChanges(act: Extract<Act, { type: 'request_changes' }>): string {
    if (act.comment.trim() === '') return 'approval.comment_invalid';
    if (this.changesBy === act.by) return 'unchanged';
    const hindrance = this.hindrance(act.by, act.evidenceHash !== undefined && act.evidenceHash !== this.hash);
    if (hindrance) return hindrance;
    this.heldStage = this.stage;
    this.changesBy = act.by;
    this.status = 'changes_requested';
    return 'counted';
  }

  private resubmit(act: Extract<Act, { type: 'resubmit' }>): string {
    if (act.by !== this.setup.requester) return 'approval.not_allowed';
    if (act.evidenceHash === this.hash) return this.changesBy === null ? 'unchanged' : 'approval.evidence_unchanged';
    this.hash = act.evidenceHash;
    this.votes = [];
    this.changesBy = null;
    this.status = 'open';
    return 'counted';
  }

  private revoke(by: string): string {
    const own = this.votes.find(({ person }) => person === by);
    if (this.changesBy === by) {
      this.changesBy = null;
      this.status = 'open';
      this.endWhenSettled(this.heldStage);
      return 'counted';
    }
    if (!own) return this.concerns(by) ? 'approval.not_possible' : 'approval.not_allowed';
    if (this.changesBy !== null || own.stage !== this.stage) return 'approval.not_possible';
    this.votes = this.votes.filter((vote) => vote !== own);
    return 'counted';
  }

  private delegate({ by, to, at, since, until }: Extract<Act, { type: 'delegate' }>): string {
    if (!this.stages().some((stage) => this.isMember(by, stage))) return 'approval.not_allowed';
    if (this.hasCounted(by)) return 'approval.already_decided';
    const current = this.lent.get(by);
    if (to === null) return this.lent.delete(by) ? 'counted' : 'unchanged';
    if (to === by || this.mayNever(to) || (until !== undefined && until <= Math.max(at, since ?? at))) return 'approval.delegation_invalid';
    const next = { to, since: since ?? -Infinity, until: until ?? Infinity };
    if (JSON.stringify(current) === JSON.stringify(next) && current?.since === next.since && current.until === next.until) return 'unchanged';
    this.lent.delete(by);
    this.lent.set(by, next);
    return 'counted';
  }

  private remind(act: Extract<Act, { type: 'remind' }>): string {
    if (!this.runs(act)) return 'approval.not_allowed';
    if (act.by !== undefined) return 'counted';
    const due = this.setup.timetable.reminders.filter((at) => at <= act.at).length;
    const isNew = due > this.reminders;
    this.reminders = due;
    return isNew ? 'counted' : 'unchanged';
  }

  private escalate(act: Extract<Act, { type: 'escalate' }>): string {
    if (!this.runs(act) && this.rights(act.by ?? '', this.stage).length === 0) return 'approval.not_allowed';
    if (this.changesBy !== null || this.links.length === this.setup.policy.escalation.length) return 'approval.not_possible';
    this.bringIn();
    return 'counted';
  }

  private bringIn(): void {
    const { stage } = this;
    this.links = [...this.links, stage];
    this.endWhenSettled(stage);
  }

  /** Who was brought in at this stage may have voted already: it may be rejected by that, or have passed. */
  private endWhenSettled(stage: number): void {
    if (this.changesBy !== null) return;
    const lastOf = (choice: Choice): string | undefined => this.votes.filter((vote) => vote.choice === choice).at(-1)?.person;
    if (this.rejectionsEnd(stage)) this.end({ end: 'rejected' }, 'end', lastOf('reject'));
    else if (this.stages().every((one) => this.hasPassed(one))) this.end({ end: 'approved' }, 'end', lastOf('approve'));
  }
}

const sum = (panels: Panel[]): number => panels.reduce((places, { quorum }) => places + quorum, 0);

/** Everybody in no panel, or in any one that they are members of and that has a place. */
function mostPlaces(panels: Panel[], people: string[]): number {
  const [person, ...others] = people;
  if (person === undefined) return 0;
  const without = mostPlaces(panels, others);
  const within = panels.filter(({ members, quorum }) => members.includes(person) && quorum > 0).map((panel) =>
    1 + mostPlaces(panels.map((one) => (one === panel ? { ...one, quorum: one.quorum - 1 } : one)), others));
  return Math.max(without, ...within);
}
