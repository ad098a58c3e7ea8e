/** The bindings of `wrangler.toml`, typed, and the configuration of one isolate, parsed once. */
import type { Backups } from "../durable-objects/backups.ts";
import type { Cluster } from "../durable-objects/cluster.ts";
import type { EmbeddedNode } from "../durable-objects/embedded-node.ts";
import type { IndexLog } from "../durable-objects/index-log.ts";
import type { WebhookCourier } from "../durable-objects/webhook-courier.ts";
import type { Gatherer } from "./gatherer.ts";
import { parseConfig, type Config } from "./config.ts";

export interface Env {
  readonly CLUSTER: DurableObjectNamespace<Cluster>;
  readonly INDEX_LOG: DurableObjectNamespace<IndexLog>;
  readonly EMBEDDED_NODE: DurableObjectNamespace<EmbeddedNode>;
  readonly WEBHOOKS: DurableObjectNamespace<WebhookCourier>;
  readonly BACKUPS: DurableObjectNamespace<Backups>;
  readonly DUMPS: R2Bucket;
  readonly TASKS: D1Database;
  readonly ASSETS: Fetcher;
  /** This Worker's own sub-gatherers. */
  readonly GATHERER: Service<typeof Gatherer>;
}

const parsed = new WeakMap<object, Config>();

/** The configuration of this environment; throws ConfigError naming the first wrong value. */
export function configOf(env: object): Config {
  const known = parsed.get(env);
  if (known !== undefined) return known;
  const config = parseConfig(env);
  parsed.set(env, config);
  return config;
}
