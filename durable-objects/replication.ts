/**
 * Carries a log to its replicas: one feed per node, and the settlement that ends entries. Decides
 * which replicas are in sync: one that cannot be reached leaves (when others hold its shards), and
 * comes back when it has applied everything. The set that tasks wait for always contains the set
 * that searches read: leaving tells the readers first, coming back tells them last.
 */
import { z } from "zod";

import { ApiError, type ErrorBody } from "../worker/core/errors/api-error.ts";
import { scrubMessage } from "../worker/core/errors/scrub.ts";
import type { Epoch, NodeId, PhysicalUid, ShardId } from "../worker/core/ids.ts";
import { LAG_AFTER_MS, NODE_CALL_DEADLINE_MS } from "../worker/core/limits.ts";
import { isStructural } from "../worker/core/log/operation.ts";
import { backoffMs } from "../worker/core/log/backoff.ts";
import { soleReplicas } from "../worker/core/placement/sole-replicas.ts";
import { applySettings } from "../worker/core/settings/apply-settings.ts";
import { storedPatch, storedSettings } from "../worker/core/settings/stored-settings.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../worker/core/settings/settings.ts";
import type { StepContext } from "../worker/core/delivery/steps.ts";
import type { NodeClient } from "../worker/nodes/node-client.ts";
import type { TaskLog } from "../worker/tasklog/task-log.ts";
import type { Cluster } from "./cluster.ts";
import { holders, type ClusterView } from "./cluster-view.ts";
import { ReplicaFeed } from "./delivery/replica-feed.ts";
import type { StoredIndex } from "./rpc.ts";
import { settle } from "./settlement.ts";
import type { Entry } from "./storage/log-rows.ts";
import type { LogStore } from "./storage/log-store.ts";

export interface ReplicationTools {
  readonly physical: PhysicalUid;
  readonly store: LogStore;
  readonly tasks: TaskLog;
  readonly cluster: DurableObjectStub<Cluster>;
  readonly view: ClusterView;
  readonly client: NodeClient;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

const documentCount = z.object({ numberOfDocuments: z.number() });

export class Replication {
  readonly #tools: ReplicationTools;
  #opened: { readonly index: StoredIndex; readonly feeds: ReadonlyMap<NodeId, ReplicaFeed> } | undefined;
  #shards: ReadonlyMap<NodeId, ReadonlySet<ShardId>> = new Map();
  #settling: Promise<void> | undefined;
  #settleAgain = false;

  constructor(tools: ReplicationTools) {
    this.#tools = tools;
  }

  async index(): Promise<StoredIndex> {
    return await this.#tools.view.index(this.#tools.physical);
  }

  /** Everything in the log is over and applied everywhere. */
  isIdle(): boolean {
    const { store } = this.#tools;
    const head = store.head();
    return store.finishedTo() === head && store.replicas().every(({ cursor }) => cursor === head);
  }

  /** Starts every feed and the settlement, or makes running ones look again. */
  async wake(): Promise<void> {
    const { feeds } = await this.#open();
    await Promise.all([...[...feeds.values()].map((feed) => feed.wake()), this.#settleAll()]);
  }

  /** Whether any node holds a document, once everything in the log has been applied. */
  async hasDocuments(): Promise<boolean> {
    const { store, client, view, physical, now, sleep } = this.#tools;
    await Promise.race([this.wake(), sleep(NODE_CALL_DEADLINE_MS)]);
    const counts = await Promise.all(
      store.replicas().map(async ({ node }) => {
        const endpoint = await view.endpoint(node, now());
        if (endpoint === undefined) return 0;
        const reply = await client.send(endpoint, {
          method: "GET",
          path: `/indexes/${physical}/stats`,
          timeoutMs: NODE_CALL_DEADLINE_MS,
        });
        return reply.kind === "answered"
          ? documentCount.parse(JSON.parse(reply.text)).numberOfDocuments
          : 0;
      }),
    );
    return counts.some((count) => count > 0);
  }

  async #open() {
    if (this.#opened !== undefined) return this.#opened;
    const { store } = this.#tools;
    const index = await this.index();
    this.#shards = holders(index);
    for (const node of this.#shards.keys()) store.putReplica(store.replica(node));
    const feeds = new Map(
      [...this.#shards.keys()].map((node) => [node, this.#feed(node)] as const),
    );
    this.#opened ??= { index, feeds };
    return this.#opened;
  }

  #feed(node: NodeId): ReplicaFeed {
    const { client, store, physical, sleep, now, random, view } = this.#tools;
    return new ReplicaFeed(
      {
        client,
        store,
        physical,
        sleep,
        now,
        random,
        endpoint: (id) => view.endpoint(id, now()),
        shardsOf: (id) => this.#shards.get(id) ?? new Set(),
        contextOf: (entry) => this.#contextOf(entry),
        onProgress: () => void this.#settleAll(),
        onTrouble: (id, sinceMs, reason) => this.#trouble(id, sinceMs, reason),
        onCaughtUp: (id) => this.#caughtUp(id),
      },
      node,
    );
  }

  async #settleAll(): Promise<void> {
    this.#settleAgain = true;
    this.#settling ??= this.#settleLoop().finally(() => {
      this.#settling = undefined;
    });
    await this.#settling;
  }

  async #settleLoop(): Promise<void> {
    let failures = 0;
    while (this.#settleAgain) {
      this.#settleAgain = false;
      try {
        while (await this.#settleOnce());
        failures = 0;
      } catch (error) {
        failures += 1;
        report("settlement_failed", { error: String(error) });
        await this.#tools.sleep(backoffMs(failures, this.#tools.random()));
        this.#settleAgain = true;
      }
    }
  }

  async #settleOnce(): Promise<boolean> {
    const { index, feeds } = await this.#open();
    const { store, tasks, physical, now, view, cluster } = this.#tools;
    const progressed = await settle({
      store,
      tasks,
      physical,
      replicationFactor: () => index.replicationFactor,
      now,
      announce: (entry) => this.#announce(entry),
      leasesEnded: (epoch) => view.leasesEnded(epoch),
      onRefused: (entry) => this.#restore(entry),
      clientError: (_, error) => ({
        ...error,
        message: scrubMessage(error.message, { ...index, settings: this.#settings() }),
      }),
    });
    if (!progressed) return false;
    const structural = store.unfinished(1000).some(({ operation }) => isStructural(operation.kind));
    if (!structural) await cluster.endChange(physical);
    for (const feed of feeds.values()) void feed.wake();
    return true;
  }

  /** Tells the registry what an applied structural entry changed. */
  async #announce(entry: Entry): Promise<Epoch | undefined> {
    const { cluster, physical, store } = this.#tools;
    const { operation } = entry;
    switch (operation.kind) {
      case "createIndex":
        return await cluster.serveIndex(physical, operation.primaryKey ?? undefined);
      case "setPrimaryKey":
        return await cluster.changeIndex(physical, { primaryKey: operation.primaryKey });
      case "changeSettings": {
        const settings = JSON.stringify(applySettings(this.#settings(), storedPatch(operation.patch)));
        const epoch = await cluster.changeIndex(physical, { settings });
        store.setFact("settings", settings);
        return epoch;
      }
      case "deleteIndex":
        return await cluster.dropIndex(physical);
      case "writeDocuments":
      case "deleteDocuments":
      case "deleteByFilter":
      case "deleteAllDocuments":
      case "compactIndex":
      case "pass":
        return undefined;
    }
  }

  /** Replicas that took settings which others refused get the old ones back. */
  #restore(entry: Entry): void {
    if (entry.operation.kind !== "changeSettings") return;
    const { store, now } = this.#tools;
    const patch = JSON.stringify(this.#settings());
    const token = `${entry.token}/restore`;
    if (store.entryOfToken(token) !== undefined) return;
    store.append(token, { kind: "changeSettings", patch }, null, now());
  }

  #settings(): IndexSettings {
    const text = this.#tools.store.fact("settings");
    return text === undefined ? DEFAULT_SETTINGS : storedSettings(text);
  }

  /** Settings may fit on their own and not with those before: then the task fails, as it would. */
  #contextOf({ operation, offset, settingsBefore }: Entry): StepContext | ErrorBody {
    const before = settingsBefore === null ? this.#settings() : storedSettings(settingsBefore);
    if (settingsBefore === null && isStructural(operation.kind)) {
      this.#tools.store.setSettingsBefore(offset, JSON.stringify(before));
    }
    const primaryKey = this.#tools.store.fact("primaryKey");
    const context = { physical: this.#tools.physical, primaryKey, before, after: before };
    if (operation.kind !== "changeSettings") return context;
    try {
      return { ...context, after: applySettings(before, storedPatch(operation.patch)) };
    } catch (error) {
      if (error instanceof ApiError) return error.body();
      throw error;
    }
  }

  async #trouble(node: NodeId, sinceMs: number, reason: string): Promise<void> {
    const { store, cluster, view, physical } = this.#tools;
    report("delivery_failed", { index: physical, node, sinceMs, reason });
    const replica = store.replica(node);
    if (replica.lagging || sinceMs < LAG_AFTER_MS) return;
    const { index } = await this.#open();
    const isUsable = (id: NodeId): boolean => !store.replica(id).lagging;
    if (soleReplicas(index.shardMap, node, isUsable).length > 0) return;
    await view.leasesEnded(await cluster.setLagging(physical, node, true));
    store.putReplica({ ...store.replica(node), lagging: true });
    report("replica_left", { index: physical, node, reason });
    void this.#settleAll();
  }

  async #caughtUp(node: NodeId): Promise<void> {
    const { store, cluster, physical } = this.#tools;
    const replica = store.replica(node);
    if (!replica.lagging) return;
    // Tasks wait for it from here on; only then may searches read it.
    store.putReplica({ ...replica, lagging: false });
    await cluster.setLagging(physical, node, false);
    report("replica_returned", { index: physical, node });
  }
}

/** One line for the operator's log. */
function report(event: string, facts: object): void {
  // oxlint-disable-next-line no-console -- the log that an operator reads
  console.log(JSON.stringify({ event, ...facts }));
}
