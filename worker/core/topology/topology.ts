/**
 * What the Cluster object decides and Workers read: nodes, groups and the index registry, as one
 * immutable value with an epoch. A Worker uses a snapshot only while its lease lasts.
 */
import type { Epoch, GroupId, IndexUid, Instant, NodeId, PhysicalUid } from "../ids.ts";
import type { IndexSettings } from "../settings/settings.ts";
import type { Aliases } from "./aliases.ts";

export interface NodeEndpoint {
  readonly id: NodeId;
  /** `http(s)://host:port` of a Meilisearch, or `embedded://name` for an embedded node. */
  readonly url: string;
  /** The node's own key; clients never see it. */
  readonly key: string | undefined;
}

/** What probes last said; `unknown` until the first probe has ended. */
export type NodeHealth = "healthy" | "unreachable" | "incompatible" | "unknown";

export type NodeState = "joining" | "active" | "draining" | "failed" | "removed";

export interface Node extends NodeEndpoint {
  readonly group: GroupId;
  readonly zone: string | undefined;
  readonly weight: number;
  /** Set on a node that replaced another: shards fall to it as they fell to that one. */
  readonly seat?: NodeId;
  readonly state: NodeState;
  readonly health: NodeHealth;
}

/** For each shard (by position) the nodes that hold it, over all groups. */
export type ShardMap = readonly (readonly NodeId[])[];

/** One physical index: what the logical uid points at. */
export interface IndexEntry {
  readonly uid: IndexUid;
  readonly physical: PhysicalUid;
  /**
   * Whether writes to the uid go to this index as well. Not while it is being deleted or renamed:
   * then the Cluster has to be asked.
   */
  readonly takesWrites: boolean;
  /** Undefined until the first documents (or the client) named it. */
  readonly primaryKey: string | undefined;
  readonly replicationFactor: number;
  readonly shardMap: ShardMap;
  /** Nodes that miss finished tasks of this index: searches must not use them. */
  readonly lagging: readonly NodeId[];
  /**
   * Nodes that hold documents of shards that are not placed on them: shards on their way in or out.
   * What is read from them is always filtered by shard.
   */
  readonly mixed: readonly NodeId[];
  /** The client's settings as every in-sync replica has applied them. */
  readonly settings: IndexSettings;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface Topology {
  readonly epoch: Epoch;
  readonly nodes: readonly Node[];
  /** Indexes that clients can see, by their uid. */
  readonly indexes: ReadonlyMap<IndexUid, IndexEntry>;
  /** What other names clients may ask for them by. */
  readonly aliases: Aliases;
}

export const shardCount = (index: IndexEntry): number => index.shardMap.length;
