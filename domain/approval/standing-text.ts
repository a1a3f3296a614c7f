import { peopleText, type Panel } from './policy';
import { deadlineOf, spent, type ApprovalState, type Outcome } from './state';
import { tallyOf } from './tally';
import { dayMs, wallTime } from './zoned-time';

/**
 * How a request stands, in one sentence: `2 of 3; waiting for release-managers until Friday 17:00`. Times are in the
 * time zone of its calendar.
 * @param now decides whether a weekday says enough of the deadline
 */
export function standingText(state: ApprovalState, now: number): string {
  const { outcome, changes, requester, timetable } = state;
  if (outcome) return `${endText(outcome)} on ${dateText(outcome.at, timetable.timeZone)}`;
  const text = changes ? `${changes.by} requested changes; waiting for ${requester}` : openText(state);
  const deadline = deadlineOf(state);
  return deadline === undefined ? text : `${text} until ${soonText(deadline, now, timetable.timeZone)}`;
}

function openText(state: ApprovalState): string {
  const { stages } = state.policy;
  const { panels, stalled } = tallyOf(state);
  const name = stages[state.stage]?.name;
  const stage = stages.length > 1 ? `stage ${state.stage + 1} of ${stages.length}${name === undefined ? '' : ` (${name})`}: ` : '';
  const counts = panels.map((panel) => `${panels.length > 1 ? `${panel.name} ` : ''}${panel.approved} of ${panel.quorum}`);
  const gone = spent(state);
  const short = panels.filter(({ approved, quorum }) => approved < quorum).map((panel) => waitedFor(panel, gone));
  return `${stage}${counts.join(', ')}; ${stalled ? 'too many abstained; ' : ''}waiting for ${short.join(' and ')}`;
}

/** A panel by its name; who is named one by one, without those who have voted. */
function waitedFor({ name, members }: Panel, gone: ReadonlySet<string>): string {
  const left = members.filter((member) => !gone.has(member));
  return name === peopleText(members) && left.length > 0 ? peopleText(left) : name;
}

function endText({ status, cause, by }: Outcome): string {
  switch (cause) {
    case 'vote':
      return `${status} by the vote of ${by}`;
    case 'deadline':
      return status === 'expired' ? 'expired' : `${status} by its deadline`;
    case 'withdrawal':
      return by === undefined ? 'withdrawn, because its run ended,' : `withdrawn by ${by}`;
  }
}

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** A weekday names one day within the next six. */
function soonText(at: number, now: number, zone: string): string {
  const wall = new Date(wallTime(at, zone));
  if (at < now || at - now > 6 * dayMs) return dateText(at, zone);
  return `${weekdays[wall.getUTCDay()]} ${wall.toISOString().slice(11, 16)}${zoneText(zone)}`;
}

const dateText = (at: number, zone: string): string => `${new Date(wallTime(at, zone)).toISOString().slice(0, 16).replace('T', ' ')}${zoneText(zone)}`;

/** A calendar of their own people know; that there is none they have to be told. */
const zoneText = (zone: string): string => (zone === 'UTC' ? ' UTC' : '');
