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
import type { Refusals } from "./delivery/refusals.ts";
import { ReplicaFeed } from "./delivery/replica-feed.ts";
import type { InSyncWatch } from "./in-sync-watch.ts";
import { Repeater } from "./repeater.ts";
import { report } from "./report.ts";
import type { LogStatus } from "./rpc.ts";
import { settle } from "./settlement.ts";
import type { Entry, Placement, Standing } from "./storage/log-rows.ts";
import type { LogStore } from "./storage/log-store.ts";
import type { Verdicts } from "./storage/verdicts.ts";

export interface ReplicationTools {
  readonly physical: PhysicalUid;
  readonly store: LogStore;
  readonly verdicts: Verdicts;
  readonly refusals: Refusals;
  readonly tasks: TaskLog;
  readonly cluster: DurableObjectStub<Cluster>;
  readonly view: ClusterView;
  readonly client: NodeClient;
  readonly watch: InSyncWatch;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

interface Opened {
  readonly placement: Placement;
  readonly feeds: ReadonlyMap<NodeId, ReplicaFeed>;
}

const documentCount = z.object({ numberOfDocuments: z.number() });

export class Replication {
  readonly #tools: ReplicationTools;
  #opened: Opened | undefined;
  #shards: ReadonlyMap<NodeId, ReadonlySet<ShardId>> = new Map();
  readonly #settling: Repeater;

  constructor(tools: ReplicationTools) {
    this.#tools = tools;
    this.#settling = new Repeater(() => this.#settleAll());
  }

  /**
   * Where the index's shards are, which does not change. Kept in the log, because the registry
   * forgets a deleted index before its log has ended the deletion.
   */
  async #placement(): Promise<Placement> {
    const { store, view, physical } = this.#tools;
    const known = store.placement();
    if (known !== undefined) return known;
    const { shardMap } = await view.index(physical);
    const placement = { shardMap };
    store.setFact("placement", JSON.stringify(placement));
    return placement;
  }

  async status(bytesMax: number): Promise<LogStatus> {
    const { placement } = await this.#open();
    return this.#tools.watch.status(placement.shardMap, bytesMax);
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
    await Promise.all([...[...feeds.values()].map((feed) => feed.wake()), this.#settling.run()]);
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

  async #open(): Promise<Opened> {
    if (this.#opened !== undefined) return this.#opened;
    const { store } = this.#tools;
    const placement = await this.#placement();
    if (this.#opened !== undefined) return this.#opened;
    this.#shards = holders(placement.shardMap);
    for (const node of this.#shards.keys()) store.putReplica(store.replica(node));
    const feeds = new Map(
      [...this.#shards.keys()].map((node) => [node, this.#feed(node)] as const),
    );
    this.#opened = { placement, feeds };
    return this.#opened;
  }

  #feed(node: NodeId): ReplicaFeed {
    const { client, store, verdicts, refusals, physical, sleep, now, random, view } = this.#tools;
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
        refusals,
        shardMap: async () => (await this.#open()).placement.shardMap,
        decided: (entry) => verdicts.decided(entry, () => this.#settings()),
        onProgress: () => void this.#settling.run(),
        onTrouble: (id, sinceMs, reason) => this.#trouble(id, sinceMs, reason),
        onApplied: (id) => this.#progressed(id),
      },
      node,
    );
  }

  async #settleAll(): Promise<void> {
    for (let failures = 0; ;) {
      try {
        while (await this.#settleOnce());
        return;
      } catch (error) {
        failures += 1;
        report("settlement_failed", { index: this.#tools.physical, error: String(error) });
        await this.#tools.sleep(backoffMs(failures, this.#tools.random()));
      }
    }
  }

  async #settleOnce(): Promise<boolean> {
    const { placement, feeds } = await this.#open();
    const { store, tasks, physical, now, view, cluster, watch } = this.#tools;
    if (watch.isShort(physical, placement.shardMap)) return false;
    const progressed = await settle({
      store,
      tasks,
      physical,
      shardMap: placement.shardMap,
      now,
      announce: (entry) => this.#announce(entry),
      leasesEnded: (epoch) => view.leasesEnded(epoch),
      onRefused: (entry) => this.#restore(entry),
      clientError: ({ indexUid }, error) => ({
        ...error,
        message: scrubMessage(error.message, {
          uid: indexUid,
          physical,
          settings: this.#settings(),
        }),
      }),
    });
    if (!progressed) return false;
    if (!store.hasStructural()) await cluster.endChange(physical);
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
        const settings = JSON.stringify(
          applySettings(this.#settings(), storedPatch(operation.patch)),
        );
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
      case "restoreSettings":
      case "compactIndex":
      case "editDocuments":
      case "pass":
        return undefined;
    }
  }

  /** Replicas that took settings which others refused get the old ones back. */
  #restore(entry: Entry): void {
    if (entry.operation.kind !== "changeSettings") return;
    const { store, now } = this.#tools;
    const token = `${entry.token}/restore`;
    if (store.entryOfToken(token) !== undefined) return;
    const embedders = Object.keys(storedPatch(entry.operation.patch).embedders ?? {});
    store.append(token, { kind: "restoreSettings", embedders }, null, now());
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
    const { store, cluster, view, physical, watch } = this.#tools;
    report("delivery_failed", { index: physical, node, sinceMs, reason });
    watch.failed(node, reason);
    if (store.replica(node).standing === "lagging" || sinceMs < LAG_AFTER_MS) return;
    const { placement } = await this.#open();
    const isUsable = (id: NodeId): boolean => store.replica(id).standing === "in-sync";
    if (soleReplicas(placement.shardMap, node, isUsable, watch.min).length > 0) {
      watch.isShort(physical, placement.shardMap);
      return;
    }
    // Before anything is awaited: of two replicas in trouble only one may leave.
    this.#stand(node, "suspended");
    await view.leasesEnded(await cluster.setLagging(physical, node, true));
    this.#stand(node, "lagging");
    report("replica_left", { index: physical, node, reason });
    void this.#settling.run();
  }

  /** It has applied what it was behind with: tasks wait for it again, then searches may read it. */
  async #progressed(node: NodeId): Promise<void> {
    const { store, cluster, physical, watch } = this.#tools;
    watch.recovered(node);
    const { standing, cursor } = store.replica(node);
    if (standing === "in-sync" || cursor < store.finishedTo()) return;
    this.#stand(node, "suspended");
    await cluster.setLagging(physical, node, false);
    this.#stand(node, "in-sync");
    report("replica_returned", { index: physical, node });
    // Tasks may have waited for it, should it be one of the last `minInSync`.
    void this.#settling.run();
  }

  #stand(node: NodeId, standing: Standing): void {
    const { store } = this.#tools;
    store.putReplica({ ...store.replica(node), standing });
  }
}
