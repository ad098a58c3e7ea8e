/** One delivery to a webhook: gzipped lines, as Meilisearch posts them. */
import type { Webhook } from "../core/webhooks/webhook.ts";

/** As Meilisearch waits for one. */
const DEADLINE_MS = 30_000;

/** Undefined when the webhook took the tasks, else why not. */
export async function postTasks(webhook: Webhook, lines: string): Promise<string | undefined> {
  try {
    const headers = new Headers({
      "Content-Encoding": "gzip",
      "Content-Type": "application/x-ndjson",
    });
    for (const [name, value] of Object.entries(webhook.headers)) headers.set(name, value);
    const response = await fetch(webhook.url, {
      method: "POST",
      headers,
      body: await gzipped(lines),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    await response.body?.cancel();
    return response.ok ? undefined : `it answered ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function gzipped(text: string): Promise<ArrayBuffer> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(stream).arrayBuffer();
}
