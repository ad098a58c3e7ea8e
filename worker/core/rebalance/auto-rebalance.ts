/**
 * Whether a rebalance begins by itself: only when it was asked for, in the maintenance window, with
 * nothing else going on, and when more of the placement differs than is worth leaving alone.
 */
import { isFinished, type TopologyOperation } from "./operation.ts";

/** Minutes of the day in UTC; a window may pass midnight. */
export interface MaintenanceWindow {
  readonly fromMinute: number;
  readonly toMinute: number;
}

export interface AutoRebalance {
  readonly isOn: boolean;
  /** None means always. */
  readonly window: MaintenanceWindow | undefined;
  /** Changes, as a share of all replicas, from which on a rebalance is worth it. */
  readonly driftMin: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

export function startsRebalance(
  { isOn, window, driftMin }: AutoRebalance,
  changes: number,
  replicas: number,
  operations: readonly TopologyOperation[],
  now: number,
): boolean {
  if (!isOn || changes === 0 || changes < driftMin * replicas) return false;
  if (!operations.every(isFinished)) return false;
  return window === undefined || isWithin(window, Math.floor(now / MINUTE_MS) % DAY_MINUTES);
}

function isWithin({ fromMinute, toMinute }: MaintenanceWindow, minute: number): boolean {
  return fromMinute <= toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute;
}
