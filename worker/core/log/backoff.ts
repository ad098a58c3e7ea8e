/** Exponential backoff with full jitter over the upper half, so that retries spread out. */
const FIRST_MS = 100;
const LAST_MS = 5_000;

/** Milliseconds to wait after the `failures`th failure in a row (from 1); `random` in [0, 1). */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(LAST_MS, FIRST_MS * 2 ** (failures - 1));
  return ceiling * (0.5 + random / 2);
}
