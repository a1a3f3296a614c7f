import type { LiveState, LiveUnit } from './live-state';
import type { Paint } from './output';
import { oneLine, padEnd, truncate } from './text';
import { humanDuration } from './time';

export interface Viewport {
  width: number;
  height: number;
  nowMs: number;
  paint: Paint;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 80;
/** The live region stays small, so that the permanent lines above it stay in sight. */
const mostRows = 12;
const longestName = 32;

/**
 * The live region under the permanent lines: what runs now, and how far the run is.
 * Pure: the same state, moment and size give the same lines. Never more lines than fit, never one that wraps.
 */
export function liveLines(state: LiveState, view: Viewport): string[] {
  const rows = Math.min(view.height - 1, mostRows);
  if (rows < 1 || view.width < 1) return [];
  const units = [...state.open.values()].sort(byStart);
  const fits = units.length <= rows - 1;
  const shown = fits ? units : units.slice(0, Math.max(0, rows - 2));
  const hidden = units.length - shown.length;
  const nameWidth = Math.min(longestName, Math.max(0, ...shown.map((unit) => unit.key.length)));
  return [
    ...shown.map((unit) => unitLine(unit, nameWidth, view)),
    ...(hidden > 0 && rows >= 2 ? [view.paint.dim(truncate(`  … and ${hidden} more`, view.width))] : []),
    summaryLine(state, view),
  ];
}

/** Oldest first; what has not started last. */
const byStart = (left: LiveUnit, right: LiveUnit): number =>
  (left.startedAtMs ?? Infinity) === (right.startedAtMs ?? Infinity)
    ? left.key.localeCompare(right.key, 'en', { numeric: true })
    : (left.startedAtMs ?? Infinity) - (right.startedAtMs ?? Infinity);

function unitLine(unit: LiveUnit, nameWidth: number, { width, nowMs, paint }: Viewport): string {
  const mark = unit.status === 'waiting' ? '◦' : frames[Math.floor(nowMs / frameMs) % frames.length] ?? '·';
  const parts = [
    unit.nextAttemptAtMs === null ? (unit.status === 'waiting' ? 'waiting' : '') : `tries again ${unit.nextAttemptAtMs <= nowMs ? 'now' : `in ${humanDuration(unit.nextAttemptAtMs - nowMs)}`}`,
    unit.startedAtMs === null ? '' : humanDuration(Math.max(0, nowMs - unit.startedAtMs)),
    unit.percent === null ? '' : bar(unit.percent),
    unit.attempt > 1 ? `attempt ${unit.attempt}` : '',
    unit.message === null ? '' : oneLine(unit.message),
  ].filter((part) => part !== '');
  const name = padEnd(truncate(oneLine(unit.key), nameWidth), nameWidth);
  const line = truncate(`${mark} ${name}  ${parts.join('  ')}`.trimEnd(), width);
  return paint.cyan(line.slice(0, 1)) + line.slice(1);
}

function bar(percent: number): string {
  const whole = Math.max(0, Math.min(100, Math.floor(percent)));
  const filled = Math.round(whole / 10);
  return `${'━'.repeat(filled)}${'─'.repeat(10 - filled)} ${String(whole).padStart(3)} %`;
}

function summaryLine(state: LiveState, { width, nowMs, paint }: Viewport): string {
  const statuses = [...state.decided.values()];
  const failed = statuses.filter((status) => status === 'failed').length;
  const units = [...state.open.values()];
  const waiting = units.filter((unit) => unit.status === 'waiting').length;
  const running = units.length - waiting;
  const parts = [
    `${state.pipeline} ${state.status}`,
    `${statuses.length}/${state.total} tasks`,
    running > 0 ? `${running} running` : '',
    waiting > 0 ? `${waiting} waiting` : '',
    failed > 0 ? `${failed} failed` : '',
    state.startedAtMs === null ? '' : humanDuration(Math.max(0, nowMs - state.startedAtMs)),
  ].filter((part) => part !== '');
  return paint.dim(truncate(parts.join(' · '), width));
}
