import type { Comparison } from '../comparison';
import { approvals } from './approvals';
import { coldStarts } from './cold-start';
import { data } from './data';
import { fanOut, large } from './large-runs';
import { latency } from './latency';
import { memory } from './memory';
import { reads } from './reads';
import { starts } from './starts';
import { throughput } from './throughput';

/** In this order: first what needs the machine for itself, last what leaves a full database behind. */
export const comparisons: readonly Comparison[] = [coldStarts, memory, latency, throughput, starts, reads, approvals, data, fanOut, large];
