import type { Scenario } from './scenario';
import { apiKilled } from './scenarios/api-killed';
import { clockOff, missingForClocks } from './scenarios/clock-off';
import { decidersDisturbed } from './scenarios/deciders-disturbed';
import { diskFull } from './scenarios/disk-full';
import { equalTriggers } from './scenarios/equal-triggers';
import { limitsMet } from './scenarios/limits-met';
import { mailServerMoody } from './scenarios/mail-server-moody';
import { poisoned } from './scenarios/poisoned';
import { postgresRestarted } from './scenarios/postgres-restarted';
import { temporalDown } from './scenarios/temporal-down';
import { workerKilled } from './scenarios/worker-killed';
import { workerStopped } from './scenarios/worker-stopped';
import { missingForSmallDisks } from './small-disk';

const minute = 60_000;

/** What `npm run chaos` does, in this order. */
export const scenarios: readonly Scenario[] = [
  { name: 'worker-killed', title: 'one of two workers is killed at 20 random moments', run: (random) => workerKilled(random, { kills: 20 }) },
  { name: 'worker-stopped', title: 'one of two workers stands still for 60 s, and goes on', run: (random) => workerStopped(random, { stoppedMs: minute }) },
  { name: 'api-killed', title: 'the API is killed 10 times between the commit of a run and the answer', run: (random) => apiKilled(random, { kills: 10 }) },
  { name: 'postgres-restarted', title: 'Postgres is restarted every 5 to 20 s under 200 runs', run: (random) => postgresRestarted(random, { runs: 200 }) },
  { name: 'temporal-down', title: 'Temporal is killed, and away for 60 s', run: (random) => temporalDown(random, { downMs: minute }) },
  { name: 'deciders-disturbed', title: '60 requests are approved and rejected at once, while worker, API and Postgres go away in turn', run: (random) => decidersDisturbed(random, { requests: 60 }) },
  { name: 'disk-full', title: 'the disk of the artifacts is full for 20 s', missing: missingForSmallDisks(), run: (random) => diskFull(random, { fullMs: 20_000 }) },
  { name: 'mail-server-moody', title: 'the mail server refuses, is slow, says 4xx and 5xx, and breaks off', run: () => mailServerMoody({ runsOfEach: 10 }) },
  { name: 'clock-off', title: 'the clock of the worker or the API is an hour fast or slow', missing: missingForClocks(), run: (random) => clockOff(random, { runs: 20 }) },
  { name: 'equal-triggers', title: '100 equal triggers come at once', run: () => equalTriggers({ triggers: 100 }) },
  { name: 'limits-met', title: 'payloads are a byte under, at and over each limit', run: (random) => limitsMet(random) },
  { name: 'poisoned', title: 'definitions, answers of targets and log lines are poison', run: (random) => poisoned(random, { rounds: 3 }) },
];
