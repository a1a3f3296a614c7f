import { approvalRequestSchema } from './request-schema';

const request = (more: object = {}): object => ({ title: 'Publish?', policy: { approvers: { roles: ['data-owner'] } }, ...more });
const artifact = { name: 'report.html', uri: 'artifact://1', bytes: 10, sha256: 'a'.repeat(64), contentType: 'text/html' };
const policy = (more: object): object => ({ policy: more });
const approvers = { users: ['ann'] };

describe('a request for an approval', () => {
  it.each<[string, object]>([
    ['a title and a policy', {}],
    ['evidence of every kind', {
      evidence: [
        { title: 'report', artifact }, { title: 'ticket', url: 'https://example.org/1' }, { title: 'note', text: '*new*' }, { title: 'change', diff: '-a\n+b' },
        { title: 'rows', table: { columns: ['month', 'rows'], rows: [['2001-01', 3], ['2001-02', null]] } },
        { title: 'delays', chart: { kind: 'bar', labels: ['JFK'], series: [{ name: 'mean', values: [3.5] }] } },
      ],
    }],
    ['a form', { form: { type: 'object', properties: { window: { type: 'string', enum: ['day', 'night'] }, share: { type: 'number', minimum: 0 } }, required: ['window'] } }],
    ['panels', policy({ panels: [{ name: 'security', approvers, quorum: 2 }], rejection: 'majority' })],
    ['stages', policy({ stages: [{ approvers, quorum: 1 }, { name: 'board', panels: [{ approvers }] }], requesterMayDecide: true })],
    ['times by the clock', { deadline: '48h', onDeadline: 'escalate', escalation: [{ to: approvers, within: '1d' }], reminders: { first: '1h', every: '2h', atMost: 3 } }],
    ['times by a calendar', { deadline: { businessDays: 2 }, reminders: { first: { businessTime: '4h' } }, calendar: { timeZone: 'Europe/Kyiv', days: ['mon'], from: '10:00', to: '24:00', holidays: ['2026-12-25'] } }],
    ['a moment as its deadline', { deadline: '2026-12-24T17:00:00+02:00', risk: 'high' }],
  ])('may have %s', (_name, more) => {
    expect(approvalRequestSchema.safeParse(request(more)).error?.issues).toBeUndefined();
  });

  it.each<[string, object, string, string]>([
    ['an unknown field', { titel: 'x' }, '', 'Unrecognized key'],
    ['a title of blanks', { title: '  ' }, '/title', 'one line'],
    ['a title of two lines', { title: 'Publish?\r\nBcc: eve@example.org' }, '/title', 'one line'],
    ['a title that turns around', { title: 'Pay \u202e000,1' }, '/title', 'invisible signs'],
    ['a form with a number that cannot be', { form: { type: 'object', properties: { n: { type: 'integer', minimum: 1.2, maximum: 1.8 } } } }, '/form/properties/n', 'never be filled in'],
    ['a form with a text that cannot be', { form: { type: 'object', properties: { t: { type: 'string', minLength: 2, maxLength: 1 } } } }, '/form/properties/t', 'never be filled in'],
    ['a form whose choices are all too short', { form: { type: 'object', properties: { t: { type: 'string', minLength: 4, enum: ['yes', 'no'] } } } }, '/form/properties/t', 'never be filled in'],
    ['evidence without content', { evidence: [{ title: 'x' }] }, '/evidence/0', 'exactly one of'],
    ['evidence with two contents', { evidence: [{ title: 'x', text: 'a', diff: 'b' }] }, '/evidence/0', 'exactly one of'],
    ['a link that is no web address', { evidence: [{ title: 'x', url: 'javascript:alert(1)' }] }, '/evidence/0/url', 'an http or https address'],
    ['a table with a short row', { evidence: [{ title: 'x', table: { columns: ['a', 'b'], rows: [[1]] } }] }, '/evidence/0/table', 'a row'],
    ['a chart with a short series', { evidence: [{ title: 'x', chart: { kind: 'line', labels: ['a'], series: [{ name: 's', values: [] }] } }] }, '/evidence/0/chart', 'a series'],
    ['a form that requires what it does not have', { form: { type: 'object', properties: {}, required: ['x'] } }, '/form/required', 'names a field'],
    ['approvers who are nobody', policy({ approvers: {} }), '/policy/approvers', 'at least one'],
    ['approvers and panels', policy({ approvers, panels: [{ approvers }] }), '/policy', 'exactly one of'],
    ['no approvers at all', policy({ quorum: 1 }), '/policy', 'exactly one of'],
    ['a quorum beside panels', policy({ panels: [{ approvers }], quorum: 2 }), '/policy/quorum', 'belongs to approvers'],
    ['a stage of both', policy({ stages: [{ approvers, panels: [{ approvers }] }] }), '/policy/stages/0', 'either approvers or panels'],
    ['a quorum beside the panels of a stage', policy({ stages: [{ panels: [{ approvers }], quorum: 1 }] }), '/policy/stages/0/quorum', 'in each panel'],
    ['a deadline that is no time', { deadline: 'soon' }, '/deadline', ''],
    ['a deadline of no length', { deadline: '0s' }, '/deadline', ''],
    ['a deadline in more than ten years', { deadline: '3654d' }, '/deadline', ''],
    ['a consequence without a deadline', { onDeadline: 'reject' }, '/onDeadline', 'needs a deadline'],
    ['an escalation without a deadline', { escalation: [{ to: approvers, within: '1d' }] }, '/escalation', 'needs a deadline'],
    ['an escalation to nobody', { deadline: '1d', onDeadline: 'escalate' }, '/onDeadline', 'needs an escalation'],
    ['business days without a calendar', { deadline: { businessDays: 1 } }, '/calendar', 'is needed'],
    ['business time in a reminder without a calendar', { reminders: { first: '1h', every: { businessTime: '1h' } } }, '/calendar', 'is needed'],
    ['business time in an escalation without a calendar', { deadline: '1d', escalation: [{ to: approvers, within: { businessDays: 1 } }] }, '/calendar', 'is needed'],
    ['a time zone that does not exist', { calendar: { timeZone: 'Europe/Atlantis' } }, '/calendar/timeZone', 'IANA'],
    ['a time zone in small letters', { calendar: { timeZone: 'europe/kyiv' } }, '/calendar/timeZone', 'IANA'],
    ['hours that end before they begin', { calendar: { timeZone: 'UTC', to: '08:00' } }, '/calendar/to', 'after from'],
    ['a holiday that is no date', { calendar: { timeZone: 'UTC', holidays: ['2026-02-30'] } }, '/calendar/holidays/0', ''],
  ])('is refused with %s', (_name, more, path, message) => {
    const issues = approvalRequestSchema.safeParse(request(more)).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.map((step) => `/${String(step)}`).join(''))).toContain(path);
    expect(issues.map((issue) => issue.message).join('; ')).toContain(message);
  });
});
