import { z } from 'zod';
import { AppError, errorMessage } from '../domain/errors';
import { evidenceItemSchema } from '../domain/approval/evidence-schema';
import { formSchema } from '../domain/approval/form-schema';
import type { RecordExport } from '../domain/approval/record-export';
import type { Json, JsonObject } from '../domain/json';

const json = z.unknown().pipe(z.custom<Json>((value) => value !== undefined));
const text = z.string().nullable();
const jsonObject = z.record(z.string(), json).pipe(z.custom<JsonObject>());

const entry = z.strictObject({
  seq: z.number(), at: z.number(), type: z.string(), body: jsonObject, previous: z.string(), hash: z.string(),
  personal: z.record(z.string(), z.union([z.strictObject({ hash: z.string(), salt: z.string(), value: json }), z.strictObject({ hash: z.string() })])),
});
const item = z.strictObject({ ...evidenceItemSchema.shape, sha256: z.string(), href: z.string().optional() });
const exportSchema = z.object({
  approval: z.object({
    id: z.string(), title: z.string(), status: z.string(), description: text, form: formSchema.nullable(), risk: z.enum(['low', 'medium', 'high']).nullable(),
    requester: z.string(), createdAt: z.string(), finishedAt: text, run: text, task: text, instance: z.number().nullable(), policy: json,
    evidenceHash: z.string(), revision: z.number(), head: text,
    votes: z.array(z.object({ person: z.string(), for: text, choice: z.string(), stage: z.number(), at: z.string() })),
    outcome: z.object({ status: z.string(), at: z.string(), cause: z.string(), by: text, comment: text, form: json }).nullable(),
  }),
  revisions: z.array(z.object({ revision: z.number(), evidenceHash: z.string(), items: z.array(item) })),
  entries: z.array(entry),
  head: z.string().nullable(),
});

/** A record out of a file, or from the API. @throws AppError `request.invalid` for what is no export of a record */
export function readRecord(text: string, name: string): RecordExport {
  const { data, error } = exportSchema.safeParse(jsonOf(text, name));
  if (data) return data;
  const [issue] = error.issues;
  throw new AppError('request.invalid', `${name} is no record of an approval: /${issue?.path.join('/')}: ${issue?.message}`, {
    details: { hint: 'export one with `datamcp approvals record <approval> -o FILE`' },
  });
}

function jsonOf(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('request.invalid', `${name} is no JSON: ${errorMessage(error)}`, {
      details: { hint: text.trimStart().startsWith('<') ? 'this is the page for printing: what can be verified is the export in JSON' : 'what can be verified is the export in JSON' },
    });
  }
}
