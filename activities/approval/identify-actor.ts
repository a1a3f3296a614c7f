import { createHash } from 'node:crypto';
import { z } from 'zod';
import { hasEvidence, sha256 } from '../../db/approvals/evidence';
import { findOpened } from '../../db/approvals/open';
import { entitled, isOperator } from '../../db/approvals/people';
import { findUsableKey } from '../../db/keys';
import { parseJson } from '../../domain/json';
import { ApprovalTokens, tokenPrefix } from '../../platform/approval-tokens';
import type { ApprovalActivities } from '../contract';
import type { ActivityDependencies } from '../dependencies';

type Identified = Awaited<ReturnType<ApprovalActivities['identifyActor']>>;

const refusal = (code: string, message: string): Identified => ({ refusal: { code, message } });

const nobody = refusal('auth.required', 'It needs the credential of whoever acts: an API key, or what `datamcp approvals credential` prints.');
const unknown = refusal('auth.required', 'The credential is not good, not any more, or is for something else.');
const lost = refusal('approval.not_allowed', 'The role, group or key by which you might decide was taken away since the request was made.');
const notStored = refusal('approval.not_possible', 'There is no such evidence: send it to the API, which keeps it and submits it.');

/** Finds out whose act it is. What the API has sealed says so itself; for all else Postgres is asked. */
export function identifyActorActivity({ config, pool }: Pick<ActivityDependencies, 'config' | 'pool'>): Pick<ApprovalActivities, 'identifyActor'> {
  const tokens = new ApprovalTokens(config);

  const personOf = async (approvalId: string, { credential, by }: { credential?: string; by?: string }): Promise<string | null> => {
    if (credential === undefined) return config.DATAMCP_TRUST_SIGNALS ? (by ?? null) : null;
    if (!credential.startsWith(tokenPrefix)) return (await findUsableKey(pool, createHash('sha256').update(credential).digest()))?.subject.name ?? null;
    const token = tokens.open('signal', credential, Date.now());
    return token?.approval === approvalId ? token.person : null;
  };

  return {
    identifyActor: async ({ approvalId, credential, by, act }) => {
      const token = credential === undefined ? null : tokens.open('act', credential, Date.now());
      if (token) {
        const { person, operator, channel, address, keyId, requestId, mark } = token;
        return token.approval === approvalId && token.act === sha256(act) ? { actor: { person, operator, channel, address, keyId, requestId, mark } } : unknown;
      }
      const person = await personOf(approvalId, { credential, by });
      if (person === null) return credential === undefined ? nobody : unknown;
      const approval = await findOpened(pool, { id: approvalId });
      if (!approval || !(await entitled(pool, approval, person, Date.now()))) return lost;
      const submitted = submittedHash(act);
      if (submitted !== null && !(await hasEvidence(pool, approvalId, submitted))) return notStored;
      return { actor: { person, operator: await isOperator(pool, person), channel: 'signal', address: null, keyId: null, requestId: null } };
    },
  };
}

/** The evidence that an act submits (domain/approval/act-text.ts): only the API looks whether it is there before it asks. */
function submittedHash(act: string): string | null {
  const { data } = submission.safeParse(parseJson(act));
  return data ? data[1].evidenceHash : null;
}

const submission = z.tuple([z.literal('resubmit'), z.object({ evidenceHash: z.string() })]);
