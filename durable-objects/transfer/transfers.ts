/** An index's transfers as its log offers them: asked for, looked at and canceled. */
import {
  logOffset,
  shardId,
  type LogOffset,
  type NodeId,
  type ShardId,
} from "../../worker/core/ids.ts";
import type {
  ReplicaState,
  ShardChange,
  ShardReport,
  TransferStatus,
} from "../../worker/core/transfer/shard-change.ts";
import {
  isOver as isReshardOver,
  reshardStateOf,
} from "../../worker/core/reshard/reshard-state.ts";
import { limitFor } from "../../worker/core/transfer/transfer.ts";
import type { ShardMap } from "../../worker/core/topology/topology.ts";
import { soleReplicas } from "../../worker/core/placement/sole-replicas.ts";
import type { NodeClient } from "../../worker/nodes/node-client.ts";
import { SameDisk } from "../delivery/same-disk.ts";
import { WatchedClient } from "../delivery/watched-client.ts";
import type { Replication } from "../replication.ts";
import { report } from "../report.ts";
import { Comparison } from "./comparison.ts";
import { CopyPace } from "./copy-pace.ts";
import { isInSync } from "./in-sync.ts";
import { isEnded } from "./leftovers.ts";
import { TransferFault } from "./node-access.ts";
import { acceptLoss, distrust } from "./rebuild.ts";
import { TransferRunner } from "./transfer-runner.ts";
import { TransferStore, type StoredTransfer } from "./transfer-store.ts";
import type { TransferTools } from "./transfer-tools.ts";

type Common = Omit<TransferTools, "transfers" | "replication" | "access" | "pace"> & {
  readonly client: NodeClient;
  readonly isPaced: boolean;
};

export class Transfers {
  readonly #store: TransferStore;
  readonly #runner: TransferRunner;
  readonly #comparison: Comparison;
  readonly #tools: TransferTools;

  constructor(sql: SqlStorage, replication: Replication, { client, isPaced, ...common }: Common) {
    this.#store = new TransferStore(sql);
    const { view, now, sleep } = common;
    this.#tools = {
      ...common,
      replication,
      transfers: this.#store,
      pace: new CopyPace(common, isPaced),
      access: {
        client: new WatchedClient(client, sleep),
        endpoint: (node) => view.writable(node, now()),
        sleep,
        saw: (node, { uid, enqueuedAt }) => this.#disk(node).saw(uid, enqueuedAt),
        demandSame: (node) => this.#demandSame(node),
      },
    };
    this.#comparison = new Comparison(this.#tools);
    this.#runner = new TransferRunner(this.#tools);
  }

  #disk(node: NodeId): SameDisk {
    const { access, store, physical } = this.#tools;
    return new SameDisk(access.client, store, physical, node);
  }

  async #demandSame(node: NodeId): Promise<void> {
    const endpoint = await this.#tools.access.endpoint(node);
    const state = endpoint === undefined ? "unknown" : await this.#disk(node).look(endpoint);
    if (state === "same") return;
    if (state === "lost") distrust(this.#tools, node);
    throw new TransferFault(`${node} does not have what was written to it`);
  }

  isIdle(): boolean {
    return this.#runner.isIdle();
  }

  async wake(): Promise<void> {
    await this.#runner.wake();
  }

  request(changes: readonly ShardChange[]): void {
    this.#runner.request(changes);
  }

  async cancel(ids: readonly string[]): Promise<void> {
    // What is given up is deleted, by the placement.
    await this.#tools.replication.replicas.open();
    const known = ids.filter((id) => this.#store.get(id) !== undefined);
    this.#runner.cancel(known);
  }

  statuses(): readonly TransferStatus[] {
    return this.#store.all().map(statusOf);
  }

  /** A node may have lost what it had: a replica that has is copied anew. Throws while nobody knows. */
  async rebuild(node: NodeId): Promise<void> {
    const { replicas } = this.#tools.replication;
    await replicas.open();
    const feed = replicas.feed(node);
    if (feed === undefined) return this.#endUnplaced(node);
    if (!this.isTrusted(node)) return;
    switch (await feed.disk()) {
      case "unknown":
        throw new Error(`${node} does not say what it has`);
      case "lost":
        return distrust(this.#tools, node);
      case "same":
        // The node has been rid of it before its log was: what it has not got it need not get.
        if (isEnded(this.#tools.store)) return distrust(this.#tools, node);
        return await this.#tools.replication.reassure(node);
    }
  }

  /** An old disk may hold what has moved away since, unless it is just being copied there anew. */
  #endUnplaced(node: NodeId): void {
    if (this.#store.open().some(({ change }) => change.target === node)) return;
    this.#store.addLeftover({ node, shard: shardId(0) });
  }

  /**
   * A replica is known to hold what it should not: from this turn on nobody counts on it. Not where
   * no other has its shards: the comparison finds what is left to find.
   */
  async copyAnew(node: NodeId): Promise<void> {
    const { shardMap } = this.#tools.replication.replicas.placement;
    const isUsable = (other: NodeId): boolean => isInSync(this.#tools, other);
    if (soleReplicas(shardMap, node, isUsable).length > 0) return;
    distrust(this.#tools, node);
    await this.#runner.wake();
  }

  async acceptLoss(node: NodeId): Promise<void> {
    await acceptLoss(this.#tools, node);
  }

  /** Compares the replicas of a shard; what differs is repaired where that is wanted. */
  async verify(shard: ShardId, repairs: boolean): Promise<ShardReport> {
    const skipped = (reason: string) => ({ kind: "skipped", shard, reason }) as const;
    if (this.#store.open().some(({ state }) => state.kind !== "queued")) {
      return skipped("shards of the index are moving");
    }
    const reshard = this.#tools.store.fact("reshard");
    // Its log stands at a fence that is not over, and comes to no rest.
    if (reshard !== undefined && !isReshardOver(reshardStateOf(reshard))) {
      return skipped("the index is being built anew");
    }
    return await this.#comparison.compare(shard, repairs);
  }

  isTrusted(node: NodeId): boolean {
    return !this.#store.isDistrusted(node);
  }

  /**
   * The log is about to refuse writes for one replica that is away: rather it is copied anew when it
   * is back. Only where others hold all its shards.
   */
  relieve(): void {
    const { store, replication } = this.#tools;
    if (replication.replicas.feeds.length === 0) return;
    const { shardMap } = replication.replicas.placement;
    const isUsable = (node: NodeId): boolean => isInSync(this.#tools, node);
    const [last] = store
      .replicas()
      .filter(({ node, standing }) => standing === "lagging" && this.isTrusted(node))
      .filter(({ node }) => soleReplicas(shardMap, node, isUsable).length === 0)
      .toSorted((a, b) => a.cursor - b.cursor);
    if (last === undefined) return;
    report("replica_given_up", { index: this.#tools.physical, node: last.node });
    distrust(this.#tools, last.node);
  }

  /** The offset beyond which a node gets nothing for now. */
  limitOf(node: NodeId): LogOffset | undefined {
    if (!this.isTrusted(node)) return this.#tools.store.replica(node).cursor;
    const limits = this.#store.open().map((transfer) => limitFor(transfer, node));
    const set = [...limits, this.#comparison.limitOf(node)].filter((limit) => limit !== undefined);
    return set.length === 0 ? undefined : logOffset(Math.min(...set));
  }

  mapSoon(): ShardMap | undefined {
    return this.#runner.mapSoon();
  }

  async replicaStates(): Promise<readonly ReplicaState[]> {
    const { store, replication } = this.#tools;
    await replication.replicas.open();
    const head = store.head();
    return store.replicas().map(({ node, cursor, standing }) => ({
      node,
      cursor,
      head,
      standing: this.isTrusted(node) ? standing : "untrusted",
      shards: [...replication.replicas.shardsOf(node)],
    }));
  }
}

function statusOf(stored: StoredTransfer): TransferStatus {
  const { change, state, copied, total, bytes, error, startedAt, finishedAt } = stored;
  const documents = { copied, total };
  return { ...change, phase: state.kind, documents, bytes, error, startedAt, finishedAt };
}
