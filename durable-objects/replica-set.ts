/**
 * The replicas of one index as its log knows them: a feed per node, and which shards' documents each
 * gets. Both change while shards move; every change is stored in the turn in which it is made.
 */
import type { LogOffset, NodeId, ShardId } from "../worker/core/ids.ts";
import type { ShardMap } from "../worker/core/topology/topology.ts";
import { holders } from "./cluster-view.ts";
import type { ReplicaFeed } from "./delivery/replica-feed.ts";
import type { Placement } from "./storage/log-rows.ts";
import type { LogStore } from "./storage/log-store.ts";

export interface ReplicaSetTools {
  readonly store: LogStore;
  /** The placement that the index began with. */
  readonly firstMap: () => Promise<ShardMap>;
  readonly feed: (node: NodeId) => ReplicaFeed;
}

const NOTHING: ReadonlySet<ShardId> = new Set();

export class ReplicaSet {
  readonly #tools: ReplicaSetTools;
  readonly #feeds = new Map<NodeId, ReplicaFeed>();
  #placement: Placement | undefined;
  #shards: ReadonlyMap<NodeId, ReadonlySet<ShardId>> = new Map();

  constructor(tools: ReplicaSetTools) {
    this.#tools = tools;
  }

  /**
   * Where the index's shards are. Kept in the log, because the registry forgets a deleted index
   * before its log has ended the deletion.
   */
  async open(): Promise<Placement> {
    if (this.#placement !== undefined) return this.#placement;
    const { store, firstMap } = this.#tools;
    const known = store.placement();
    const shardMap = known?.shardMap ?? (await firstMap());
    // Somebody else may have opened it meanwhile.
    if (this.#placement !== undefined) return this.#placement;
    const placement = this.place(known ?? { shardMap, delivered: shardMap });
    for (const node of this.#shards.keys()) store.putReplica(store.replica(node));
    for (const { node } of store.replicas()) this.#feeds.set(node, this.#tools.feed(node));
    return placement;
  }

  get placement(): Placement {
    if (this.#placement === undefined) throw new Error("the placement has not been read yet");
    return this.#placement;
  }

  get feeds(): readonly ReplicaFeed[] {
    return [...this.#feeds.values()];
  }

  feed(node: NodeId): ReplicaFeed | undefined {
    return this.#feeds.get(node);
  }

  /** Shards whose documents a node gets. */
  shardsOf(node: NodeId): ReadonlySet<ShardId> {
    return this.#shards.get(node) ?? NOTHING;
  }

  place(placement: Placement): Placement {
    this.#tools.store.setFact("placement", JSON.stringify(placement));
    this.#placement = placement;
    this.#shards = holders(placement.delivered);
    return placement;
  }

  /** A new replica that has everything up to `cursor`; nobody counts on it yet. */
  join(node: NodeId, cursor: LogOffset): void {
    const { store, feed } = this.#tools;
    store.putReplica({ node, cursor, standing: "lagging", flight: null });
    this.#feeds.set(node, feed(node));
  }

  /** A replica is gone: nothing is sent to its node any more. */
  async part(node: NodeId): Promise<void> {
    const feed = this.#feeds.get(node);
    this.#feeds.delete(node);
    await feed?.stop();
    this.#tools.store.removeReplica(node);
  }
}
