/** What an index log knows of the cluster, asked of the Cluster object and kept for a short while. */
import type { Epoch, NodeId, PhysicalUid, ShardId } from "../worker/core/ids.ts";
import { shardId } from "../worker/core/ids.ts";
import type { Node, ShardMap } from "../worker/core/topology/topology.ts";
import type { Cluster } from "./cluster.ts";
import type { StoredIndex } from "./rpc.ts";

/** How long a node's address is believed: it changes only with the configuration. */
const NODES_FRESH_MS = 5000;

export class ClusterView {
  readonly #cluster: DurableObjectStub<Cluster>;
  readonly #sleep: (ms: number) => Promise<void>;
  #nodes: readonly Node[] = [];
  #nodesAt = 0;

  constructor(cluster: DurableObjectStub<Cluster>, sleep: (ms: number) => Promise<void>) {
    this.#cluster = cluster;
    this.#sleep = sleep;
  }

  async index(physical: PhysicalUid): Promise<StoredIndex> {
    const index = await this.#cluster.index(physical);
    if (index === undefined) throw new Error(`the registry has no index ${physical}`);
    return index;
  }

  /** The node as the Cluster knew it a short while ago. */
  async endpoint(id: NodeId, now: number): Promise<Node | undefined> {
    if (now - this.#nodesAt > NODES_FRESH_MS) {
      this.#nodes = await this.#cluster.nodes();
      this.#nodesAt = now;
    }
    return this.#nodes.find((node) => node.id === id);
  }

  /** The same for whoever writes: a node that is none of ours is left alone. */
  async writable(id: NodeId, now: number): Promise<Node | undefined> {
    const node = await this.endpoint(id, now);
    return node?.health === "incompatible" ? undefined : node;
  }

  /** Resolves when no Worker can be reading a topology older than the epoch. */
  async leasesEnded(epoch: Epoch): Promise<void> {
    for (;;) {
      const waitMs = await this.#cluster.leaseWaitMs(epoch);
      if (waitMs <= 0) return;
      await this.#sleep(waitMs);
    }
  }
}

/** Every node that holds a shard of the index, with those shards. */
export function holders(shardMap: ShardMap): ReadonlyMap<NodeId, ReadonlySet<ShardId>> {
  const byNode = new Map<NodeId, Set<ShardId>>();
  for (const [shard, replicas] of shardMap.entries()) {
    for (const node of replicas) {
      const shards = byNode.get(node) ?? new Set();
      byNode.set(node, shards.add(shardId(shard)));
    }
  }
  return byNode;
}
