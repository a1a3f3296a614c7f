export { RunState } from './run-state';
export type { RunSnapshot } from './snapshot';
export type { ChangeReason, StopReason } from './states';
export type { StatusChange, Unit } from './unit';
