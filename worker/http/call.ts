/** One request on its way through a route: what a handler may use, made only when it is used. */
import type { Context } from "hono";

import type { ErrorBody } from "../core/errors/api-error.ts";
import type { FeatureFlags } from "../core/features/feature-flags.ts";
import type { Access } from "../core/keys/access.ts";
import type { Action } from "../core/keys/actions.ts";
import { requireJsonContentType } from "../core/decode/payload.ts";
import { indexUid, type IndexUid } from "../core/ids.ts";
import { KEY_MISS_BELIEVED_MS, SEARCH_DEADLINE_MS } from "../core/limits.ts";
import type { Topology } from "../core/topology/topology.ts";
import type { Backups } from "../../durable-objects/backups.ts";
import type { Cluster } from "../../durable-objects/cluster.ts";
import { authorize } from "../auth/authorize.ts";
import { Keyring } from "../auth/keyring.ts";
import type { WriteTools } from "../cluster/index-writer.ts";
import { TopologyLease, type ClusterSource } from "../cluster/topology-lease.ts";
import type { Config } from "../config.ts";
import { configOf, type Env } from "../env.ts";
import { FetchNodeClient } from "../nodes/fetch-node-client.ts";
import { RelayingNodeClient } from "../nodes/relaying-node-client.ts";
import { NodeLoad } from "../nodes/node-load.ts";
import { bodyText } from "./body-text.ts";
import { Hedging } from "../search/hedging.ts";
import { ValueStore } from "../instance/value-store.ts";
import { indexOf } from "../search/queried-index.ts";
import type { ReadContext } from "../search/read-context.ts";
import { TaskLog } from "../tasklog/task-log.ts";
import { wakeCourier } from "../webhooks/wake-courier.ts";

/** The isolate's lease on the topology: shared by its requests, on purpose. */
const lease = new TopologyLease();

export type RequestContext = Context<{ Bindings: Env }>;

/** Whether requests are to be counted, as far as this isolate knows. */
export const countsRequests = (): boolean => lease.lastFeatures.metrics;

/** How busy nodes are, as this isolate sees them. */
const load = new NodeLoad(() => Date.now());

/** How long answers take in this isolate, and what may be asked twice. */
const hedging = new Hedging();

/** One per configuration, so one per isolate. */
const keyrings = new WeakMap<Config, Keyring>();

function keyringOf(config: Config): Keyring {
  const known = keyrings.get(config);
  if (known !== undefined) return known;
  const keyring = new Keyring(config.masterKey);
  keyrings.set(config, keyring);
  return keyring;
}

export class Call {
  readonly #context: RequestContext;
  readonly config: Config;
  /** What the caller's key lets this request reach. */
  readonly access: Access;

  private constructor(context: RequestContext, config: Config, access: Access) {
    this.#context = context;
    this.config = config;
    this.access = access;
  }

  /** The request, once its key was found good for the action; throws what Meilisearch answers. */
  static async authorized(
    context: RequestContext,
    action: Action | readonly Action[],
    index = context.req.param("indexUid"),
  ): Promise<Call> {
    const config = configOf(context.env);
    const cluster: ClusterSource = () => context.env.CLUSTER.getByName("cluster");
    const request = {
      header: context.req.header("Authorization") ?? null,
      actions: typeof action === "string" ? [action] : action,
      index,
    };
    const access = await authorize(request, {
      keyring: keyringOf(config),
      keys: (refresh) => lease.keys(cluster, refresh ? KEY_MISS_BELIEVED_MS : undefined),
      now: () => Date.now(),
    });
    return new Call(context, config, access);
  }

  /** What the same caller may do with an index; throws what Meilisearch answers. */
  async accessTo(action: Action, index: string): Promise<Access> {
    return (await Call.authorized(this.#context, action, index)).access;
  }

  /** Work that goes on after the answer has begun. */
  inBackground(work: Promise<unknown>): void {
    this.#context.executionCtx.waitUntil(work);
  }

  get request(): Request {
    return this.#context.req.raw;
  }

  get env(): Env {
    return this.#context.env;
  }

  /** A part of the path, decoded; routes only ask for parts that their path has. */
  param(name: string): string {
    return this.#context.req.param(name) ?? "";
  }

  /** The `{indexUid}` of the path, not yet checked. */
  get uid(): IndexUid {
    return indexUid(this.param("indexUid"));
  }

  get query(): URLSearchParams {
    return new URL(this.request.url).searchParams;
  }

  /** The JSON text of the body; its content type and its encoding are checked. */
  async jsonText(): Promise<string> {
    const { headers, body } = this.request;
    requireJsonContentType(headers.get("Content-Type"));
    return await bodyText(body, headers.get("Content-Encoding"));
  }

  async topology(): Promise<Topology> {
    return await lease.topology(() => this.cluster);
  }

  /** The experimental features that clients have switched on. */
  async features(): Promise<FeatureFlags> {
    return await lease.features(() => this.cluster);
  }

  get cluster(): DurableObjectStub<Cluster> {
    return this.env.CLUSTER.getByName("cluster");
  }

  get backups(): DurableObjectStub<Backups> {
    return this.env.BACKUPS.getByName("backups");
  }

  get keyring(): Keyring {
    return keyringOf(this.config);
  }

  /** What a scattered read needs; its deadline starts now. */
  async read(): Promise<ReadContext> {
    const { dynamicSearchRules } = await this.features();
    return {
      topology: await this.topology(),
      rules: dynamicSearchRules ? await lease.rules(() => this.cluster) : [],
      refreshed: () => lease.refreshed(() => this.cluster),
      isLeased: (topology) => lease.isLeased(topology),
      isReadable: async (node, physical) => await this.cluster.isReadable(node, physical),
      nodes: load.watching(
        new RelayingNodeClient(new FetchNodeClient(this.env.EMBEDDED_NODE), this.env.GATHERER),
      ),
      load: (node) => load.cost(node),
      latencyMs: (node) => load.latencyMs(node),
      hedging,
      now: () => Date.now(),
      deadlineAt: Date.now() + SEARCH_DEADLINE_MS,
      signal: this.request.signal,
      policy: this.config.unavailableShards,
    };
  }

  get writes(): WriteTools {
    return {
      cluster: this.cluster,
      logs: this.env.INDEX_LOG,
      tasks: this.tasks,
      lease,
      now: () => Date.now(),
    };
  }

  get values(): ValueStore {
    return new ValueStore(this.env.TASKS);
  }

  get tasks(): TaskLog {
    const { env } = this;
    return new TaskLog(env.TASKS, () => this.#context.executionCtx.waitUntil(wakeCourier(env)));
  }
}

/** The one index that readers see under a name; 404 as Meilisearch says it. */
export const visibleIndex = indexOf;

export function jsonText(
  text: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(text, {
    status,
    headers: { ...headers, "Content-Type": "application/json" },
  });
}

export function jsonValue(value: unknown, status = 200): Response {
  return jsonText(JSON.stringify(value), status);
}

export function errorResponse(
  body: ErrorBody,
  status: number,
  retryAfterSeconds: number | undefined,
): Response {
  const headers = retryAfterSeconds === undefined ? {} : { "Retry-After": `${retryAfterSeconds}` };
  return jsonText(JSON.stringify(body), status, headers);
}
