/**
 * Which replicas have to be added, moved and dropped so that every shard is where rendezvous hashing
 * wants it. Pure and deterministic, and a plan that has been carried out leaves nothing to plan.
 * A replica is only dropped when so many others that are in sync stay in its group as the index asks
 * for; a shard without a replica to copy from, or without a node to go to, is reported and waits.
 */
import { shardId, type GroupId, type NodeId, type PhysicalUid, type ShardId } from "../ids.ts";
import { owners } from "../placement/rendezvous.ts";
import type { Node, ShardMap } from "../topology/topology.ts";

/** What a plan must know of an index. */
export interface PlacedIndex {
  readonly physical: PhysicalUid;
  /** Replicas wanted per shard, in every group. */
  readonly replicationFactor: number;
  readonly shardMap: ShardMap;
  /** Nodes whose replicas miss finished tasks. */
  readonly lagging: readonly NodeId[];
  /** The index whose place it is being built to take. */
  readonly builtFor?: PhysicalUid | undefined;
}

/** A target only adds a replica, a drop only removes one, both move one. */
export interface PlannedChange {
  readonly index: PhysicalUid;
  readonly shard: ShardId;
  readonly target: NodeId | null;
  readonly drop: NodeId | null;
}

/**
 * Why a replica that should leave a node cannot.
 * `lost`: no other node has the shard, and this one does not answer;
 * `no-node`: the group has no node left to take it;
 * `not-in-sync`: the replicas that stay have to catch up first;
 * `resharding`: its index is being built anew, and moves when that is over.
 */
export type WaitReason = "lost" | "no-node" | "not-in-sync" | "resharding";

export interface WaitingReplica {
  readonly index: PhysicalUid;
  readonly shard: ShardId;
  readonly node: NodeId;
  readonly reason: WaitReason;
}

export interface PlacementPlan {
  readonly changes: readonly PlannedChange[];
  readonly waiting: readonly WaitingReplica[];
}

/** Which part of the placement a plan is about. */
export type PlanScope =
  | { readonly kind: "everything" }
  /** What has to leave one node. */
  | { readonly kind: "node"; readonly node: NodeId }
  | { readonly kind: "index"; readonly index: PhysicalUid };

/** The changes that lead to the wanted placement, in the order of indexes and shards. */
export function placementPlan(
  indexes: readonly PlacedIndex[],
  nodes: readonly Node[],
  scope: PlanScope,
): PlacementPlan {
  const changes: PlannedChange[] = [];
  const waiting: WaitingReplica[] = [];
  const fleet = fleetOf(nodes);
  for (const index of indexes) {
    if (scope.kind === "index" && index.physical !== scope.index) continue;
    for (const [position, replicas] of index.shardMap.entries()) {
      if (scope.kind === "node" && !replicas.includes(scope.node)) continue;
      const shard = new ShardPlan(fleet, index, shardId(position), replicas);
      const part = shard.plan(scope.kind === "node" ? scope.node : undefined);
      changes.push(...part.changes);
      waiting.push(...part.waiting);
    }
  }
  return { changes, waiting };
}

interface Fleet {
  readonly byId: ReadonlyMap<NodeId, Node>;
  /** Nodes that take shards, by group; groups that lose their last such node are there, empty. */
  readonly takers: ReadonlyMap<GroupId, readonly Node[]>;
}

function fleetOf(nodes: readonly Node[]): Fleet {
  const takers = new Map<GroupId, Node[]>();
  for (const node of nodes) {
    const members = takers.get(node.group) ?? [];
    if (node.state === "active") members.push(node);
    takers.set(node.group, members);
  }
  return { byId: new Map(nodes.map((node) => [node.id, node])), takers };
}

interface Surplus {
  readonly node: NodeId;
  readonly group: GroupId;
}

class ShardPlan {
  readonly #fleet: Fleet;
  readonly #index: PlacedIndex;
  readonly #shard: ShardId;
  /** Who holds the shard once the changes so far are carried out. */
  #replicas: readonly NodeId[];
  readonly #changes: PlannedChange[] = [];
  readonly #waiting: WaitingReplica[] = [];

  constructor(fleet: Fleet, index: PlacedIndex, shard: ShardId, replicas: readonly NodeId[]) {
    this.#fleet = fleet;
    this.#index = index;
    this.#shard = shard;
    this.#replicas = replicas;
  }

  /** With `leaving`, only what brings the shard's replica off that node. */
  plan(leaving: NodeId | undefined): PlacementPlan {
    const hasSource = this.#replicas.some((node) => this.#isReadable(node));
    const open: Surplus[] = [];
    for (const [group, takers] of this.#fleet.takers) {
      const held = this.#replicas.filter((node) => this.#fleet.byId.get(node)?.group === group);
      const { physical, replicationFactor } = this.#index;
      const wanted = owners(physical, this.#shard, takers, replicationFactor);
      const missing = wanted.filter((node) => !held.includes(node));
      const surplus = held
        .filter((node) => !wanted.includes(node) && (leaving ?? node) === node)
        .toSorted((a, b) => this.#urgency(b) - this.#urgency(a));
      const targets = leaving === undefined ? missing : missing.slice(0, surplus.length);
      if (hasSource) {
        for (const [position, node] of targets.entries()) {
          this.#apply(node, surplus[position] ?? null);
        }
      }
      const rest = hasSource ? surplus.slice(targets.length) : surplus;
      open.push(...rest.map((node) => ({ node, group })));
    }
    // After every group has got what it lacks: a group that is given up needs the others whole.
    for (const { node, group } of open) this.#drop(node, hasSource ? group : undefined);
    this.#dropForgotten(leaving);
    return { changes: this.#changes, waiting: this.#waiting };
  }

  #drop(node: NodeId, group: GroupId | undefined): void {
    const reason = group === undefined ? "lost" : this.#keepReason(node, group);
    if (reason === undefined) this.#apply(null, node);
    else if (reason === "not-in-sync" || !this.#isWanted(node)) this.#wait(node, reason);
  }

  /** Replicas on nodes that the cluster knows no more are in nobody's group. */
  #dropForgotten(leaving: NodeId | undefined): void {
    for (const node of this.#replicas) {
      if (this.#fleet.byId.has(node) || (leaving !== undefined && node !== leaving)) continue;
      const others = this.#replicas.filter(
        (id) => id !== node && this.#isReadable(id) && this.#isReachable(id),
      );
      if (others.length >= this.#index.replicationFactor) this.#apply(null, node);
      else this.#wait(node, others.length === 0 ? "lost" : "no-node");
    }
  }

  /** Why the replica must stay for now; undefined when it may be dropped. */
  #keepReason(node: NodeId, group: GroupId): WaitReason | undefined {
    const { replicationFactor } = this.#index;
    const others = this.#replicas.filter((id) => id !== node);
    const isIn = (id: NodeId): boolean => this.#fleet.byId.get(id)?.group === group;
    const isGroupGivenUp = (this.#fleet.takers.get(group) ?? []).length === 0;
    const staying = isGroupGivenUp ? others.filter((id) => !isIn(id)) : others.filter(isIn);
    const inSync = staying.filter((id) => this.#isReadable(id) && this.#isReachable(id));
    if (inSync.length >= replicationFactor) return undefined;
    return staying.length >= replicationFactor ? "not-in-sync" : "no-node";
  }

  #isReadable(node: NodeId): boolean {
    const state = this.#fleet.byId.get(node)?.state;
    const isThere = state !== undefined && state !== "failed" && state !== "removed";
    return isThere && !this.#index.lagging.includes(node);
  }

  /** One that does not answer may be gone for good: nothing is dropped in favour of it. */
  #isReachable(node: NodeId): boolean {
    const health = this.#fleet.byId.get(node)?.health;
    return health !== "unreachable" && health !== "incompatible";
  }

  #isWanted(node: NodeId): boolean {
    return this.#fleet.byId.get(node)?.state === "active";
  }

  #urgency(node: NodeId): number {
    const state = this.#fleet.byId.get(node)?.state;
    return state === "failed" ? 2 : state === "active" ? 0 : 1;
  }

  #apply(target: NodeId | null, drop: NodeId | null): void {
    const { physical: index } = this.#index;
    this.#changes.push({ index, shard: this.#shard, target, drop });
    const kept = this.#replicas.filter((node) => node !== drop);
    this.#replicas = target === null ? kept : [...kept, target];
  }

  #wait(node: NodeId, reason: WaitReason): void {
    this.#waiting.push({ index: this.#index.physical, shard: this.#shard, node, reason });
  }
}
