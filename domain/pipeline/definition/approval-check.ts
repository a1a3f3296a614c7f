import { approvalRequestSchema } from '../../approval/request-schema';
import { parseDuration } from '../../duration';
import { hasExpression } from '../expressions';
import type { FaultList, Path } from './place';
import { isJsonObject } from './json-value';
import { nameOf } from './with-words';

/** What a step `approval` may look like beyond its JSON Schema, which cannot say how fields belong together. */
export function checkApproval(input: Record<string, unknown>, path: Path, faults: FaultList): void {
  const { onReject: _onReject, ...request } = input;
  for (const { code, path: below, message } of issuesOf(request)) {
    // What holds an expression is checked when it is known, and everything else by the JSON Schema, which takes an address of any scheme.
    const value = valueAt(request, below);
    const isMissed = code === 'custom' || (below.at(-1) === 'url' && typeof value === 'string' && URL.canParse(value));
    if (isMissed && !hasExpression(value)) faults.add({ path: [...path, ...below] }, 'with.value', `${nameOf(below)} ${message}`);
  }
}

const issuesOf = (request: unknown): { code: string; path: (string | number)[]; message: string }[] =>
  (approvalRequestSchema.safeParse(request).error?.issues ?? [])
    .map(({ code, path, message }) => ({ code, path: path.map((step) => (typeof step === 'number' ? step : String(step))), message }));

function valueAt(value: unknown, [step, ...below]: readonly (string | number)[]): unknown {
  if (step === undefined || typeof value !== 'object' || value === null) return value;
  return valueAt(Object.entries(value).find(([key]) => key === String(step))?.[1], below);
}

/** When a request is decided by time at the earliest: its deadline, then each link of its escalation. In milliseconds after it was made. */
export function deadlinesOf(input: Record<string, unknown>): { path: Path; ms: number }[] {
  const { deadline, escalation } = input;
  const links = Array.isArray(escalation) ? escalation.map((link: unknown, index) => ({ path: ['escalation', index, 'within'], span: isJsonObject(link) ? link['within'] : undefined })) : [];
  let ms = 0;
  return [{ path: ['deadline'], span: deadline }, ...links].map(({ path, span }) => ({ path, ms: ms += leastMs(span) }));
}

/** A span is at least so long by the clock, whatever the calendar says. A moment, or what is not known yet, is nothing. */
function leastMs(span: unknown): number {
  if (typeof span === 'string') return parseDuration(span) ?? 0;
  if (!isJsonObject(span)) return 0;
  const { businessTime, businessDays } = span;
  if (typeof businessTime === 'string') return parseDuration(businessTime) ?? 0;
  return typeof businessDays === 'number' ? (businessDays - 1) * dayMs : 0;
}

const dayMs = 86_400_000;
