/**
 * Changes of the cluster as server-sent events: `operation` for each operation that came on, `node`
 * for each node whose state or health changed, `epoch`. Ends after a while; clients connect again.
 */
import { z } from "zod";

import { viewTopology } from "../../admin/views.ts";
import type { Call } from "../../http/call.ts";
import type { AdminRoute } from "./admin-route.ts";

const LOOK_MS = 1000;
/** A proxy that hears nothing for long cuts the connection. */
const SILENCE_MS = 15_000;
/** An invocation is not kept for ever. */
const STREAM_MS = 300_000;

export const eventRoutes: readonly AdminRoute[] = [
  {
    method: "GET",
    path: "/_miroir/events",
    action: "miroir.get",
    summary: "Operations, nodes and epochs as they change, as server-sent events",
    body: undefined,
    reply: z.string(),
    status: 200,
    serve: events,
  },
];

function events(call: Call): Response {
  const encoder = new TextEncoder();
  const source = changes(call);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await source.return(undefined);
    },
  });
  const headers = { "Content-Type": "text/event-stream", "Cache-Control": "no-store" };
  return new Response(body, { headers });
}

async function* changes(call: Call): AsyncGenerator<string, undefined, undefined> {
  const endsAt = Date.now() + STREAM_MS;
  const told = new Map<string, string>();
  let spokeAt = Date.now();
  while (Date.now() < endsAt && !call.request.signal.aborted) {
    const view = viewTopology(await call.cluster.overview(), Date.now());
    const facts = [
      ["epoch", "", { epoch: view.epoch, drift: view.drift }],
      ...view.nodes.map((node) => ["node", node.id, node] as const),
      ...view.operations.map((operation) => ["operation", operation.id, operation] as const),
    ] as const;
    for (const [name, id, fact] of facts) {
      const text = JSON.stringify(fact);
      if (told.get(`${name} ${id}`) === text) continue;
      told.set(`${name} ${id}`, text);
      spokeAt = Date.now();
      yield `event: ${name}\ndata: ${text}\n\n`;
    }
    if (Date.now() - spokeAt >= SILENCE_MS) {
      spokeAt = Date.now();
      yield ": still here\n\n";
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return undefined;
}
