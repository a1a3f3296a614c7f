import { z } from 'zod';
import { parseDuration } from '../duration';
import { isPlainLine, plainLineProblem } from '../plain-line';
import { isTimeZone } from '../time-zone';
import { evidenceSchema } from './evidence-schema';
import { formSchema } from './form-schema';
import { approversSchema, policySchema } from './policy-schema';

/** The shape of a request for a decision: of the API's body, and of `with` of the step. */

const longestMs = 3_653 * 86_400_000;
const isDuration = (text: string): boolean => {
  const ms = parseDuration(text);
  return ms !== null && ms > 0 && ms <= longestMs;
};
const isInstant = (text: string): boolean => z.iso.datetime({ offset: true }).safeParse(text).success;

const duration = z.string().refine(isDuration, { error: 'must be a duration such as 30m, 48h or 7d, at most ten years' });
const businessSpan = [
  z.strictObject({ businessTime: duration.describe('Counted only while the calendar is open.') }),
  z.strictObject({ businessDays: z.int().min(1).max(2_600).describe('The same time of day, so many business days later.') }),
] as const;

/** How long something takes: by the clock, or by the calendar of the request. */
const spanSchema = z.union([duration, ...businessSpan]);
const deadlineSchema = z.union([
  z.string().refine((text) => isDuration(text) || isInstant(text), { error: 'must be a duration such as 48h, at most ten years, or a time such as 2026-12-24T17:00:00+02:00' }),
  ...businessSpan,
]);

const timeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: 'must be a time such as 09:00' });

/** When people are at work. */
const calendarSchema = z
  .strictObject({
    timeZone: z.string().refine(isTimeZone, { error: 'is not an IANA time zone' }).describe('An IANA name, such as Europe/Kyiv.'),
    days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).min(1).optional().meta({ description: 'Days of work.', default: ['mon', 'tue', 'wed', 'thu', 'fri'] }),
    from: timeOfDay.optional().meta({ description: 'When work begins.', default: '09:00' }),
    to: timeOfDay.optional().meta({ description: 'When it ends.', default: '17:00' }),
    holidays: z.array(z.iso.date()).max(2_000).optional().describe('Dates on which nobody works.'),
  })
  .refine(({ from = '09:00', to = '17:00' }) => from < to, { error: 'must be after from', path: ['to'] });

const remindersSchema = z.strictObject({
  first: spanSchema.describe('From the request to the first reminder.'),
  every: spanSchema.optional().describe('From each reminder to the next.'),
  atMost: z.int().min(1).max(100).optional().meta({ description: 'How many there are in all.', default: 10 }),
});

const escalationSchema = z
  .array(z.strictObject({ to: approversSchema.describe('Who may decide from then on, too.'), within: spanSchema.describe('From the deadline before to the next.') }))
  .min(1)
  .max(10);

const isBusiness = (span: unknown): boolean => typeof span === 'object';

export const approvalRequestSchema = z
  .strictObject({
    title: z.string().min(1, { abort: true }).max(200).refine(isPlainLine, { error: plainLineProblem }).describe('The question, in one line.'),
    description: z.string().max(20_000).optional().describe('Markdown.'),
    evidence: evidenceSchema.optional().describe('What approvers look at before they decide.'),
    form: formSchema.optional().describe('What is asked with a decision: a small JSON Schema.'),
    risk: z.enum(['low', 'medium', 'high']).optional().describe('What is at stake, as shown to approvers.'),
    policy: policySchema.describe('Who decides, and what it takes. It is kept as it was when the request was made.'),
    deadline: deadlineSchema.optional().describe('A duration from the request on, business time, or a moment.'),
    onDeadline: z.enum(['expire', 'reject', 'approve', 'escalate', 'cancel']).optional().meta({ description: 'What a deadline does that nobody has decided before.', default: 'expire' }),
    reminders: remindersSchema.optional().describe('When those are told again whom it waits for.'),
    escalation: escalationSchema.optional().describe('Who is asked next, one after the other.'),
    calendar: calendarSchema.optional().describe('When people are at work: for business time and days, and the times in messages.'),
  })
  .refine(({ deadline, onDeadline }) => onDeadline === undefined || deadline !== undefined, { error: 'needs a deadline', path: ['onDeadline'] })
  .refine(({ deadline, escalation }) => escalation === undefined || deadline !== undefined, { error: 'needs a deadline', path: ['escalation'] })
  .refine(({ onDeadline, escalation }) => onDeadline !== 'escalate' || escalation !== undefined, { error: 'needs an escalation', path: ['onDeadline'] })
  .refine(
    ({ calendar, deadline, reminders, escalation = [] }) =>
      calendar !== undefined || ![deadline, reminders?.first, reminders?.every, ...escalation.map(({ within }) => within)].some(isBusiness),
    { error: 'is needed by business time and business days', path: ['calendar'] },
  );

export type ApprovalRequest = z.infer<typeof approvalRequestSchema>;
export type Calendar = z.infer<typeof calendarSchema>;
export type Span = z.infer<typeof spanSchema>;
