/** Waiting for `GET /health`, of a node or of Miroir itself. */
import { setTimeout as pause } from "node:timers/promises";

const ATTEMPT_MS = 5000;
const PAUSE_MS = 50;

/** True as soon as the URL is healthy; false when `isRunning` ends or the time is over. */
export async function isHealthyWithin(
  timeoutMs: number,
  url: string,
  isRunning: () => boolean,
): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (isRunning() && performance.now() < end) {
    const isHealthy = await fetch(`${url}/health`, { signal: AbortSignal.timeout(ATTEMPT_MS) })
      .then((response) => response.ok)
      .catch(() => false);
    if (isHealthy) return true;
    await pause(PAUSE_MS);
  }
  return false;
}
