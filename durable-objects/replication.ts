/**
 * Carries a log to its replicas: one feed per node, and the settlement that ends entries. Decides
 * which replicas are in sync: one that cannot be reached leaves (when others hold its shards), and
 * comes back when it has applied everything. The set that tasks wait for always contains the set
 * that searches read: leaving tells the readers first, coming back tells them last.
 */
import { z } from "zod";

import { ApiError, errorBody, type ErrorBody } from "../worker/core/errors/api-error.ts";
import { clientPosition } from "../worker/core/documents/edit-function.ts";
import { scrubMessage } from "../worker/core/errors/scrub.ts";
import { logOffset, type LogOffset, type NodeId } from "../worker/core/ids.ts";
import { LAG_AFTER_MS, NODE_CALL_DEADLINE_MS } from "../worker/core/limits.ts";
import { isStructural, type Operation } from "../worker/core/log/operation.ts";
import { backoffMs } from "../worker/core/log/backoff.ts";
import { soleReplicas } from "../worker/core/placement/sole-replicas.ts";
import { applySettings } from "../worker/core/settings/apply-settings.ts";
import { storedPatch, storedSettings } from "../worker/core/settings/stored-settings.ts";
import type { IndexSettings } from "../worker/core/settings/settings.ts";
import type { ShardMap } from "../worker/core/topology/topology.ts";
import type { StepContext } from "../worker/core/delivery/steps.ts";
import type { NodeClient } from "../worker/nodes/node-client.ts";
import type { TaskLog } from "../worker/tasklog/task-log.ts";
import type { ClusterView } from "./cluster-view.ts";
import { announce, type AnnouncementTools } from "./announcement.ts";
import { CurrentSettings } from "./storage/current-settings.ts";
import { Examination } from "./delivery/examination.ts";
import type { StandingTools } from "./delivery/standing-replicas.ts";
import type { Refusals } from "./delivery/refusals.ts";
import { ReplicaFeed } from "./delivery/replica-feed.ts";
import type { InSyncWatch } from "./in-sync-watch.ts";
import { Repeater } from "./repeater.ts";
import { ReplicaSet } from "./replica-set.ts";
import { report } from "./report.ts";
import type { LogStatus } from "./rpc.ts";
import { settle } from "./settlement.ts";
import type { Entry, Replica, Standing } from "./storage/log-rows.ts";
import type { Verdicts } from "./storage/verdicts.ts";

export interface ReplicationTools extends AnnouncementTools {
  readonly verdicts: Verdicts;
  readonly refusals: Refusals;
  readonly tasks: TaskLog;
  readonly view: ClusterView;
  readonly client: NodeClient;
  readonly watch: InSyncWatch;
  /** The offset beyond which a node gets nothing for now. */
  readonly limitOf: (node: NodeId) => LogOffset | undefined;
  /** Whether a node still has what it was known to have. */
  readonly isTrusted: (node: NodeId) => boolean;
  /** A replica is known to hold what it should not. */
  readonly copyAnew: (node: NodeId) => void;
  /** A node does not have what it had. */
  readonly onLost: (node: NodeId) => void;
  /** The placement that readers may follow at any moment now. */
  readonly mapSoon: () => ShardMap | undefined;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

const documentCount = z.object({ numberOfDocuments: z.number() });

export class Replication {
  readonly #tools: ReplicationTools;
  readonly replicas: ReplicaSet;
  readonly #settling: Repeater;
  readonly #examination: Examination;
  readonly #settings: CurrentSettings;
  /** The last change of each replica's standing. */
  readonly #turns = new Map<NodeId, Promise<void>>();

  constructor(tools: ReplicationTools) {
    this.#tools = tools;
    this.#settings = new CurrentSettings(tools.store);
    this.#settling = new Repeater(() => this.#settleAll());
    const { client, store, physical, verdicts, view, now, sleep } = tools;
    const standing: StandingTools = {
      access: { client, sleep, endpoint: (node) => view.endpoint(node, now()) },
      store,
      physical,
      shardMap: async () => (await this.replicas.open()).shardMap,
      isTrusted: tools.isTrusted,
      disk: async (node) => (await this.replicas.feed(node)?.disk()) ?? "unknown",
      onLost: tools.onLost,
      now,
      onTrouble: (node, sinceMs, reason) => this.#trouble(node, sinceMs, reason),
    };
    this.#examination = new Examination(standing, verdicts, () => this.settings());
    this.replicas = new ReplicaSet({
      store: tools.store,
      firstMap: async () => (await tools.view.index(tools.physical)).shardMap,
      feed: (node) => this.#feed(node),
    });
  }

  async status(bytesMax: number): Promise<LogStatus> {
    const { shardMap } = await this.replicas.open();
    return this.#tools.watch.status(shardMap, bytesMax);
  }

  /** Everything in the log is over and applied everywhere, and every replica is in sync again. */
  isIdle(): boolean {
    const { store } = this.#tools;
    const head = store.head();
    const isDone = ({ cursor, standing }: Replica): boolean =>
      cursor === head && standing === "in-sync";
    return store.finishedTo() === head && store.replicas().every(isDone);
  }

  /** Starts every feed and the settlement, or makes running ones look again. */
  async wake(): Promise<void> {
    await this.replicas.open();
    await Promise.all([...this.replicas.feeds.map((feed) => feed.wake()), this.#settling.run()]);
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
        endpoint: (id) => view.writable(id, now()),
        shardsOf: (id) => this.replicas.shardsOf(id),
        limitOf: this.#tools.limitOf,
        contextOf: (entry) => this.#contextOf(entry),
        refusals,
        copyAnew: this.#tools.copyAnew,
        shardMap: async () => (await this.replicas.open()).delivered,
        examine: (entry) => this.#examination.examine(entry),
        decided: (entry) => verdicts.decided(entry, () => this.settings()),
        onProgress: () => void this.#settling.run(),
        onTrouble: (id, sinceMs, reason) => this.#trouble(id, sinceMs, reason),
        onLost: (id, lastTask) => {
          this.#suspect(id, lastTask);
          this.#tools.onLost(id);
        },
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
    const { shardMap, delivered } = await this.replicas.open();
    const { store, tasks, physical, now, view, cluster, watch } = this.#tools;
    // What is deleted needs no replicas any more.
    if (store.fact("closed") === undefined && watch.isShort(physical, shardMap)) return false;
    const progressed = await settle({
      store,
      tasks,
      physical,
      shardMap: delivered,
      now,
      announce: (entry) => announce(this.#tools, entry, this.settings()),
      leasesEnded: (epoch) => view.leasesEnded(epoch),
      undo: (entry) => this.#undo(entry),
      takeBack: (entry) => this.#takeBack(entry),
      clientError: ({ indexUid, type }, error) => {
        const about = { uid: indexUid, physical, settings: this.settings() };
        const message = scrubMessage(error.message, about);
        return {
          ...error,
          message: type === "documentEdition" ? clientPosition(message) : message,
        };
      },
    });
    if (!progressed) return false;
    if (!store.hasStructural()) await cluster.endChange(physical);
    for (const feed of this.replicas.feeds) void feed.wake();
    return true;
  }

  /**
   * Replicas that took what others refused get back what was there before, in the entry's own place
   * in the order. One that has not got it yet gets only that; what is on its way to it comes first.
   */
  #undo(entry: Entry): boolean {
    const { store } = this.#tools;
    const { offset } = entry;
    const restoration = this.#restorationOf(entry);
    if (restoration === undefined) return false;
    store.setOperation(offset, restoration);
    for (const replica of store.replicas()) {
      if (replica.cursor < offset - 1) continue;
      store.putReplica({ ...replica, cursor: logOffset(offset - 1), flight: null });
    }
    return true;
  }

  /** A replica that was behind took what the others refused: it is copied anew from them. */
  #takeBack({ offset }: Entry): void {
    const { refusals, copyAnew } = this.#tools;
    for (const node of refusals.takers(offset)) copyAnew(node);
  }

  #restorationOf(entry: Entry): Operation | undefined {
    const { operation } = entry;
    if (operation.kind === "changeSettings") {
      if ("code" in this.#contextOf(entry)) return undefined;
      const embedders = Object.keys(storedPatch(operation.patch).embedders ?? {});
      return { kind: "restoreSettings", embedders };
    }
    if (operation.kind !== "editDocuments" || operation.beforeImages !== "kept") return undefined;
    const primaryKey = this.#tools.store.fact("primaryKey");
    return primaryKey === undefined ? undefined : { kind: "restoreDocuments", primaryKey };
  }

  /** The settings after everything that has finished. */
  settings(): IndexSettings {
    return this.#settings.now();
  }

  /** Settings may fit on their own and not with those before: then the task fails, as it would. */
  #contextOf({ operation, offset, settingsBefore }: Entry): StepContext | ErrorBody {
    const before = settingsBefore === null ? this.settings() : storedSettings(settingsBefore);
    if (settingsBefore === null && isStructural(operation.kind)) {
      this.#tools.store.setSettingsBefore(offset, JSON.stringify(before));
    }
    const primaryKey = this.#tools.store.fact("primaryKey");
    const { physical } = this.#tools;
    const context = { physical, primaryKey, before, after: before };
    if (operation.kind !== "changeSettings") return context;
    try {
      return { ...context, after: applySettings(before, storedPatch(operation.patch)) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // As Meilisearch does: what it finds inside a task names the index.
      return errorBody(error.code, `Index \`${physical}\`: ${error.message}`);
    }
  }

  async #trouble(node: NodeId, sinceMs: number, reason: string): Promise<void> {
    const { physical, watch } = this.#tools;
    report("delivery_failed", { index: physical, node, sinceMs, reason });
    watch.failed(node, reason);
    if (sinceMs < LAG_AFTER_MS) return;
    this.#suspect(node);
    await this.leave(node, reason);
  }

  /** Whoever answers there may not be the node any more: the Cluster finds out, and tells. */
  #suspect(node: NodeId, lastTask?: number): void {
    const { cluster, physical } = this.#tools;
    cluster.isIntact(node, physical, lastTask).catch(() => undefined);
  }

  /** A replica leaves the in-sync set, if every shard keeps enough in it; tasks go on without it. */
  async leave(node: NodeId, reason: string): Promise<void> {
    await this.#inTurn(node, () => this.#leave(node, reason));
  }

  async #leave(node: NodeId, reason: string): Promise<void> {
    const { store, cluster, view, physical, watch } = this.#tools;
    if (store.replica(node).standing === "lagging") return;
    const { shardMap } = await this.replicas.open();
    const isUsable = (id: NodeId): boolean => store.replica(id).standing === "in-sync";
    const maps = [shardMap, this.#tools.mapSoon() ?? shardMap];
    if (maps.some((map) => soleReplicas(map, node, isUsable, watch.min).length > 0)) {
      watch.isShort(physical, shardMap);
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
    this.#tools.watch.recovered(node);
    const { standing, cursor } = this.#tools.store.replica(node);
    if (standing === "in-sync" || cursor < this.#tools.store.toldTo()) return;
    await this.#inTurn(node, () => this.#return(node));
  }

  async #return(node: NodeId): Promise<void> {
    const { store, cluster, physical, isTrusted } = this.#tools;
    const { standing, cursor } = store.replica(node);
    if (standing === "in-sync" || cursor < store.toldTo() || !isTrusted(node)) return;
    this.#stand(node, "suspended");
    const disk = await this.replicas.feed(node)?.disk();
    if (disk === "lost") this.#tools.onLost(node);
    if (disk !== "same") return;
    await cluster.setLagging(physical, node, false);
    if (!isTrusted(node)) return;
    this.#stand(node, "in-sync");
    report("replica_returned", { index: physical, node });
    // Tasks may have waited for it, should it be one of the last `minInSync`.
    void this.#settling.run();
  }

  /** Readers pass over a replica of which its log knows that it has everything: they need not. */
  async reassure(node: NodeId): Promise<void> {
    const { store, cluster, physical } = this.#tools;
    await this.#inTurn(node, async () => {
      if (store.replica(node).standing === "in-sync") {
        await cluster.setLagging(physical, node, false);
      }
    });
  }

  /** One after the other: what the registry hears last is what the log says last. */
  async #inTurn(node: NodeId, job: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(node) ?? Promise.resolve();
    const own = before.then(job, job);
    this.#turns.set(node, own);
    await own;
  }

  #stand(node: NodeId, standing: Standing): void {
    const { store } = this.#tools;
    store.putReplica({ ...store.replica(node), standing });
  }
}
