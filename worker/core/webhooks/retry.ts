/** When a webhook that failed is tried again, and when it is given up: what it missed is then dropped. */
const FIRST_MS = 1_000;
const LAST_MS = 600_000;

/** Failures in a row after which a webhook loses what it is owed: about 40 minutes. */
export const WEBHOOK_FAILURES_MAX = 12;

/** Milliseconds to wait after the `failures`th failure in a row (from 1); `random` in [0, 1). */
export function webhookPauseMs(failures: number, random: number): number {
  return Math.min(LAST_MS, FIRST_MS * 2 ** (failures - 1)) * (0.75 + random / 4);
}
