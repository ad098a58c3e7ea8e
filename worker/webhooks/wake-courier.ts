/** Tells the courier that tasks have ended; a lost call costs a minute, never a task. */
import type { Env } from "../env.ts";

export async function wakeCourier(env: Env): Promise<void> {
  try {
    await env.WEBHOOKS.getByName("courier").wake();
  } catch {
    // Cron wakes it too.
  }
}
