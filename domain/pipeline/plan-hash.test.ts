import { check } from '../../test/definition/samples';
import type { Plan } from './plan';
import { planHash } from './plan-hash';

function planOf(text: string): Plan {
  const { plan } = check(text);
  if (!plan) throw new Error('no plan');
  return plan;
}

describe('the hash of a plan', () => {
  const hash = planHash(planOf('name: a\nlabels: { x: "1", y: "2" }\ntasks: [ { id: a, uses: core.noop } ]'));

  it('is the same for the same definition in another form', () => {
    expect(planHash(planOf('# comment\ntimeout: PT168H\ntasks:\n- { uses: core.noop, id: a, needs: [], if: success() }\nlabels: { y: "2", x: "1" }\nname: a\n'))).toBe(hash);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('differs when anything differs that a run would do or show', () => {
    expect(planHash(planOf('name: a\nlabels: { x: "1", y: "3" }\ntasks: [ { id: a, uses: core.noop } ]'))).not.toBe(hash);
  });
});
