import type { JsonObject } from '../json';
import type { ApprovalEvent } from './act';

/** What the record keeps of something that happened; values about persons are apart, so that they can be erased. */
export interface RecordedAct {
  /** Milliseconds since 1970. */
  at: number;
  type: string;
  body: JsonObject;
  personal: JsonObject;
  /** Of the event that an act is about: what the audit of the installation keeps of the act beside this. */
  audit?: AuditedAct;
}

export interface AuditedAct extends ActOrigin {
  /** Type of the act. */
  action: string;
}

/** By what an act can be found again; null where there was none, as for a link or a signal. */
export interface ActOrigin {
  keyId: string | null;
  requestId: string | null;
}

/** The way by which an act came. */
export interface Way {
  /** `api`, `mail`, `inbox`, `signal`, `webhook`, `slack`; `clock` or `run` for what nobody did. */
  channel: string;
  address: string | null;
  /** What was voted on. */
  evidenceHash: string;
}

/** An event as the record keeps it. What time brought about on the way of somebody's act is the clock's. */
export function recordedAct(event: ApprovalEvent, { channel, address, evidenceHash }: Way): RecordedAct {
  const { at, type, by } = event;
  const { body, personal } = partsOf(event, evidenceHash);
  const byPerson = by === undefined ? {} : { by, ...(address === null ? {} : { address }) };
  const way = by === undefined && channel !== 'run' ? 'clock' : channel;
  return { at, type, body: { ...body, channel: way }, personal: { ...byPerson, ...personal } };
}

interface Parts { body: JsonObject; personal: JsonObject }

function partsOf(event: ApprovalEvent, evidenceHash: string): Parts {
  switch (event.type) {
    case 'voted':
      return { body: { choice: event.choice, evidenceHash }, personal: given({ for: event.for, comment: event.comment, form: event.form }) };
    case 'commented':
      return { body: {}, personal: { comment: event.comment } };
    case 'changes_requested':
      return { body: { evidenceHash }, personal: { comment: event.comment } };
    case 'resubmitted':
      return { body: { evidenceHash: event.evidenceHash, revision: event.revision }, personal: given({ lapsed: event.lapsed, comment: event.comment }) };
    case 'delegated':
      return { body: given({ since: event.since, until: event.until }), personal: { to: event.to } };
    case 'delegation_ended':
    case 'reminded':
    case 'escalated':
      return { body: {}, personal: { to: event.to } };
    case 'stage_passed':
      return { body: { stage: event.stage }, personal: {} };
    case 'decided':
      return { body: { status: event.status, cause: event.outcome.cause }, personal: given({ comment: event.outcome.comment, form: event.outcome.form }) };
    case 'vote_revoked':
    case 'changes_request_revoked':
      return { body: {}, personal: {} };
  }
}

const given = (fields: { [name: string]: JsonObject[string] | undefined }): JsonObject =>
  Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
