export type { Lane } from './ready-tasks';
export { RunState } from './run-state';
export type { RunSnapshot } from './snapshot';
export type { ChangeReason, StopReason, UnitPhase } from './states';
export type { StatusChange, Unit } from './unit';
