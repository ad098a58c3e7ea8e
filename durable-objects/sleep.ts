/** The one timer that retries and polls of Durable Objects wait on; tests give another. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
