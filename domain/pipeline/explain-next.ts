import type { Situation, Subject } from './explain-facts';

/** What a person can do about a situation: a command, or why there is nothing to do. */
export function nextStep(subject: Subject, facts: Situation): string {
  const { run, task } = subject;
  switch (facts.kind) {
    case 'final': return afterTheEnd(subject, facts);
    case 'running': return `datamcp runs logs ${run} --task ${task ?? ''} --follow`;
    case 'progress':
      if (facts.heldUp[0] !== undefined) return `datamcp runs explain ${run} ${quoted(facts.heldUp[0])}`;
      return task === undefined ? `datamcp runs watch ${run}` : `datamcp runs tasks ${run} ${task}`;
    case 'retry': return `See what it said: datamcp runs logs ${run} --task ${task ?? ''}`;
    case 'queued': return 'Wait until a worker is free, or start another one for this queue';
    case 'no_worker': return facts.work === 'workflow'
      ? `Start a worker, with TEMPORAL_TASK_QUEUE=${facts.queue}; or wait, if its workers are at the end of what they can take`
      : `Start a worker that takes from it (DATAMCP_WORKER_QUEUES=${facts.queue}); or wait, if its workers are at the end of what they can take`;
    case 'dispatched': return 'Nothing to do: it has been handed out; the pending activities of the workflow show its attempts';
    case 'needs': return `datamcp runs explain ${run} ${facts.open[0] ?? ''}`.trim();
    case 'deciding': return 'Nothing to do: it is decided within moments while a worker runs';
    case 'room': return 'Nothing to do: it starts as soon as something before it ends';
    case 'timer': return 'Nothing to do: it goes on by itself then';
    case 'child': return facts.child ? `datamcp runs explain ${facts.child.run}` : 'Wait a moment, and ask again';
    case 'approval': return facts.request
      ? `Decide or answer it: ${facts.request.link}, or datamcp approvals show ${facts.request.id}`
      : 'Wait a moment, and ask again: it is being asked for';
    case 'slot': return facts.holders[0] === undefined ? 'Nothing to do: a slot is free' : `datamcp runs explain ${facts.holders[0]}`;
    case 'starting': return facts.temporalReachable ? 'Wait a moment: a worker starts it within seconds' : 'Bring Temporal back (datamcp doctor); nothing is lost meanwhile';
    case 'paused': return facts.in === 'temporal' ? 'Unpause the workflow in the Temporal UI' : `datamcp runs resume ${run}`;
    case 'cancelling': return task === undefined && facts.stop.reason !== 'request' ? `Wait for clean-up; datamcp runs cancel ${run} --force skips it` : 'Wait: what does not end in time counts as cancelled';
    case 'unanswered': return facts.temporalReachable ? 'Ask again; if it stays so, look at the workflow in the Temporal UI' : 'Bring Temporal back (datamcp doctor), and ask again';
  }
}

/** A shell would look for files of the name `all[0]`. */
const quoted = (name: string): string => (name.endsWith(']') ? `'${name}'` : name);

function afterTheEnd({ run, task, instance }: Subject, { status, open, cause }: Extract<Situation, { kind: 'final' }>): string {
  switch (status) {
    case 'succeeded': return task === undefined ? `datamcp runs show ${run}` : `datamcp runs tasks ${run} ${task}`;
    case 'skipped': return cause.reason === 'need' && cause.task !== undefined ? `datamcp runs explain ${run} ${cause.task}` : 'Nothing to do: this is what the definition says';
    case 'failed':
    case 'cancelled':
    case 'timed_out':
      if (open && task !== undefined && instance === undefined && cause.reason === undefined) return `datamcp runs retry-task ${run} ${task}`;
      return open ? 'Nothing to do for it alone: the run goes on' : `datamcp runs rerun ${run} --from failed`;
  }
}
