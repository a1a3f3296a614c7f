import { builtinCatalogue, definition } from '../../../test/definition/samples';
import { checkDefinition } from './check';

const ask = { title: 'Publish?', policy: { approvers: { roles: ['data-owner'] } } };

/** The faults of a step with this `with`: place below it, and message. */
function faults(input: object, head: object = {}): string[] {
  const text = JSON.stringify(definition(head, [{ id: 'report', uses: 'core.noop' }, { id: 'x', needs: ['report'], uses: 'approval', with: input }]));
  return checkDefinition(text, 'json', builtinCatalogue).errors.map(({ path, message }) => `${path.replace('/tasks/1/with', '') || '/'}: ${message}`);
}

describe('the step approval', () => {
  it.each<[string, object]>([
    ['all that it needs', ask],
    ['evidence of a task', { ...ask, evidence: [{ title: 'Report', artifact: '${{ tasks.report.output.artifact }}' }] }],
    ['evidence that is one expression', { ...ask, evidence: '${{ tasks.report.output.evidence }}', onReject: 'continue' }],
    ['a policy by expressions', { ...ask, policy: { approvers: { groups: ['${{ inputs.?team.orValue("all") }}'] }, quorum: '${{ 1 + 1 }}' }, deadline: '${{ run.id }}' }],
    ['an escalation within the time of the run', { ...ask, deadline: '2d', onDeadline: 'escalate', escalation: [{ to: { users: ['ann'] }, within: '5d' }] }],
  ])('takes %s', (_name, input) => {
    expect(faults(input, { inputs: { team: { type: 'string' } } })).toEqual([]);
  });

  it.each<[string, object, string[]]>([
    ['nothing', {}, ['/policy: the field policy is required', '/title: the field title is required']],
    ['a word that is not known', { ...ask, onReject: 'contine' }, ['/onReject: onReject must be one of fail, continue']],
    ['an address that runs a program', { ...ask, evidence: [{ title: 'a', url: 'javascript:alert(1)' }] }, ['/evidence/0/url: url must be an http or https address']],
    ['a form with a type that is none', { ...ask, form: { type: 'object', properties: { a: { type: 'date' }, b: { title: 'B' }, c: { type: 'integer', minimum: '1' } } } },
      ['/form/properties/a/type: type must be one of string, integer, number, boolean', '/form/properties/b/type: the field type is required', '/form/properties/c/minimum: minimum must be a number, not a text']],
    ['a misspelt field', { ...ask, quorum: 2 }, ['/quorum: unknown field quorum']],
    ['a deadline that is none', { ...ask, deadline: 'soon' }, ['/deadline: deadline must be a duration such as 48h, at most ten years, or a time such as 2026-12-24T17:00:00+02:00']],
    ['nobody to decide', { ...ask, policy: { approvers: {} } }, ['/policy/approvers: approvers must name at least one user, role or group']],
    ['evidence of two kinds', { ...ask, evidence: [{ title: 'a', url: 'https://a.test', text: 'b' }] }, ['/evidence/0: evidence[0] must be exactly one of artifact, url, text, diff, table, chart']],
    ['an escalation to nowhere', { ...ask, deadline: '1d', onDeadline: 'escalate' }, ['/onDeadline: onDeadline needs an escalation']],
    ['business days without a calendar', { ...ask, deadline: { businessDays: 2 } }, ['/calendar: calendar is needed by business time and business days']],
    ['an escalation of another kind', { ...ask, deadline: '1d', escalation: [5] }, ['/escalation/0: escalation[0] must be a map of fields, not a number']],
    ['a secret', { ...ask, description: '${{ secrets.TOKEN }}' }, ['/description: secrets cannot be read here']],
  ])('refuses %s', (_name, input, expected) => {
    expect(faults(input).sort()).toEqual(expected);
  });

  it('needs a with', () => {
    const text = JSON.stringify(definition({}, [{ id: 'x', uses: 'approval' }]));
    expect(checkDefinition(text, 'json', builtinCatalogue).errors.map(({ path }) => path).sort()).toEqual(['/tasks/0/with/policy', '/tasks/0/with/title']);
  });

  it('has the same form inside of a forEach', () => {
    const task = { id: 'x', uses: 'approval', forEach: { in: ['a'], as: 'team' }, with: { ...ask, title: 'Go, ${{ team }}?', policy: { approvers: { groups: ['${{ team }}'] } } } };
    expect(checkDefinition(JSON.stringify(definition({}, [task])), 'json', builtinCatalogue).errors).toEqual([]);
  });
});

describe('a request that would outlast its run', () => {
  const calendar = { timeZone: 'Europe/Kyiv' };
  const most = 'at the earliest, above the run\'s time-out of 7d';
  it.each<[string, object, string[]]>([
    ['by its deadline', { deadline: '8d' }, [`/deadline: the approval would be decided 8d after it was asked for ${most}`]],
    ['by business days', { deadline: { businessDays: 9 }, calendar }, [`/deadline: the approval would be decided 8d after it was asked for ${most}`]],
    ['by business time', { deadline: { businessTime: '169h' }, calendar }, [`/deadline: the approval would be decided 169h after it was asked for ${most}`]],
    ['by its escalation', { deadline: '5d', onDeadline: 'escalate', escalation: [{ to: { users: ['a'] }, within: '2d' }, { to: { users: ['b'] }, within: '1h' }] },
      [`/escalation/1/within: the approval would be decided 169h after it was asked for ${most}`]],
    ['by an escalation whose first span is not known yet', { deadline: '${{ run.id }}', onDeadline: 'escalate', escalation: [{ to: { users: ['a'] }, within: '${{ run.id }}' }, { to: { users: ['b'] }, within: '8d' }] },
      [`/escalation/1/within: the approval would be decided 8d after it was asked for ${most}`]],
    ['perhaps, by business days that are not known yet', { deadline: { businessDays: '${{ 3 }}' }, calendar }, []],
    ['perhaps, by business time that is not known yet', { deadline: { businessTime: '${{ run.id }}' }, calendar }, []],
    ['perhaps', { deadline: { businessDays: 8 }, calendar }, []],
    ['at a moment that only the run will know', { deadline: '2099-01-01T00:00:00Z' }, []],
  ])('%s', (_name, times, expected) => {
    expect(faults({ ...ask, ...times })).toEqual(expected);
  });
});
