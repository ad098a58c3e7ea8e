/**
 * The index as it is before an entry, read from nodes: everything before the entry is over, no node
 * has got it, and so every replica in sync stands still at one offset.
 */
import { shardId, type NodeId, type PhysicalUid, type ShardId } from "../../worker/core/ids.ts";
import type { ShardMap } from "../../worker/core/topology/topology.ts";
import type { LogStore } from "../storage/log-store.ts";
import { NodeRefusal, TransferFault, type NodeAccess } from "../transfer/node-access.ts";
import type { DiskState } from "./same-disk.ts";

export interface StandingTools {
  readonly access: NodeAccess;
  readonly store: LogStore;
  readonly physical: PhysicalUid;
  /** The replicas that searches may read. */
  readonly shardMap: () => Promise<ShardMap>;
  /** Whether a node still has what it was known to have. */
  readonly isTrusted: (node: NodeId) => boolean;
  /** Whether the node has what it took; `unknown` when it does not say. */
  readonly disk: (node: NodeId) => Promise<DiskState>;
  readonly onLost: (node: NodeId) => void;
  readonly now: () => number;
  /** The node could not be read for `sinceMs`. */
  readonly onTrouble: (node: NodeId, sinceMs: number, reason: string) => Promise<void>;
}

export class StandingReplicas {
  readonly tools: StandingTools;
  readonly #troubleSince = new Map<NodeId, number>();

  constructor(tools: StandingTools) {
    this.tools = tools;
  }

  /**
   * Which node each shard is read from, before the entry at the offset. One that is behind with
   * nothing but the entry will do where no other is left: it could not catch up without.
   */
  async sources(offset: number): Promise<ReadonlyMap<NodeId, ReadonlySet<ShardId>>> {
    const { store, shardMap, isTrusted } = this.tools;
    const sources = new Map<NodeId, Set<ShardId>>();
    for (const [shard, replicas] of (await shardMap()).entries()) {
      // The index is being deleted, and its nodes have left the cluster: there is nothing of it.
      if (replicas.length === 0) continue;
      const standing = replicas.filter(
        (node) => isTrusted(node) && store.replica(node).cursor >= offset - 1,
      );
      const inSync = standing.find((node) => store.replica(node).standing === "in-sync");
      const source = inSync ?? standing[0];
      if (source === undefined) throw new TransferFault(`no replica of shard ${shard} is there`);
      sources.set(source, (sources.get(source) ?? new Set()).add(shardId(shard)));
    }
    return sources;
  }

  /** What was read counts only where it is told after the end: until then the disk may be an old one. */
  async *read<T>(node: NodeId, pages: AsyncIterable<T>): AsyncGenerator<T> {
    const { now, onTrouble } = this.tools;
    const startedAt = now();
    try {
      yield* pages;
      await this.#demandSame(node);
    } catch (error) {
      if (!(error instanceof TransferFault) || error instanceof NodeRefusal) throw error;
      const since = this.#troubleSince.get(node) ?? startedAt;
      this.#troubleSince.set(node, since);
      // It may leave the in-sync set then, and others are read.
      await onTrouble(node, now() - since, String(error));
      throw error;
    }
    this.#troubleSince.delete(node);
  }

  async #demandSame(node: NodeId): Promise<void> {
    const state = await this.tools.disk(node);
    if (state === "same") return;
    if (state === "lost") this.tools.onLost(node);
    throw new TransferFault(`${node} does not have what was written to it`);
  }
}
