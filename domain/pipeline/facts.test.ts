import { eventOf, type TaskFact } from './facts';

const at = '2001-01-31T06:00:00.000Z';
const fact = (fields: Partial<TaskFact>): TaskFact => ({ seq: 7, task: 'load', at, status: 'running', ...fields });

describe('the event of a fact', () => {
  it('is named after the state, at the moment of the fact', () => {
    expect(eventOf(fact({}))).toEqual({ seq: 7, at, type: 'task.running', data: { task: 'load', generation: 0, status: 'running' } });
  });

  it('says which instance, attempt and generation, and what it waits for', () => {
    expect(eventOf(fact({ instance: 0, attempt: 2, generation: 1, status: 'waiting', waitingFor: 'a timer' })).data).toEqual({
      task: 'load', instance: 0, attempt: 2, generation: 1, status: 'waiting', waitingFor: 'a timer',
    });
  });

  it('of a task that is pending again tells that it was retried', () => {
    expect(eventOf(fact({ status: 'pending', generation: 1 })).type).toBe('task.retried');
    expect(eventOf(fact({ status: 'pending' })).type).toBe('task.pending');
  });

  it('of an end has how long it took, and why it failed without the details', () => {
    const error = { code: 'timed_out', message: 'too slow', retryable: true, details: { rows: 5 } };
    expect(eventOf(fact({ status: 'failed', startedAt: '2001-01-31T05:59:58.500Z', finishedAt: at, error })).data).toMatchObject({
      durationMs: 1_500, error: { code: 'timed_out', message: 'too slow' },
    });
    expect(eventOf(fact({ startedAt: at })).data).not.toHaveProperty('durationMs');
  });
});
