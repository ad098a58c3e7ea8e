/** The Worker's entry: HTTP, Cron, and the Durable Object classes. Wiring only. */
import { app } from "./app.ts";
import type { Env } from "./env.ts";
import { wakeCourier } from "./webhooks/wake-courier.ts";

export { Backups } from "../durable-objects/backups.ts";
export { Cluster } from "../durable-objects/cluster.ts";
export { EmbeddedNode } from "../durable-objects/embedded-node.ts";
export { IndexLog } from "../durable-objects/index-log.ts";
export { WebhookCourier } from "../durable-objects/webhook-courier.ts";
export { Gatherer } from "./gatherer.ts";

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
  async scheduled(_controller, env): Promise<void> {
    await wakeCourier(env);
    await env.CLUSTER.getByName("cluster").reconcile();
  },
} satisfies ExportedHandler<Env>;
