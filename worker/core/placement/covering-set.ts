/**
 * The covering set of one read: nodes chosen so that every shard is read exactly once, from an
 * in-sync replica. Few nodes (each costs a subrequest and a merge input), and among those that cover
 * about as much the caller's preference (near, healthy, lightly loaded): always taking the node that
 * covers most would send every read to the same few nodes and leave the others idle.
 */
import { shardId, type NodeId, type ShardId } from "../ids.ts";
import type { IndexEntry } from "../topology/topology.ts";

export interface CoverPart {
  readonly node: NodeId;
  readonly shards: readonly ShardId[];
  /** True when the node may hold more shards than it is asked for, so it needs the shard filter. */
  readonly needsFilter: boolean;
}

export interface Cover {
  readonly parts: readonly CoverPart[];
  /** Shards with no usable replica. */
  readonly missing: readonly ShardId[];
}

/**
 * Cover `wanted` shards of an index (all of them by default).
 *
 * `cost` orders nodes: lower is preferred, undefined means "do not use" (down, or already tried).
 */
export function coveringSet(
  index: IndexEntry,
  cost: (node: NodeId) => number | undefined,
  wanted: readonly ShardId[] = index.shardMap.map((_, position) => shardId(position)),
): Cover {
  const held = new Map<NodeId, number>();
  const open = new Map<ShardId, readonly NodeId[]>();
  for (const replicas of index.shardMap) {
    for (const node of replicas) held.set(node, (held.get(node) ?? 0) + 1);
  }
  const missing: ShardId[] = [];
  for (const shard of wanted) {
    const usable = (index.shardMap[shard] ?? []).filter(
      (node) => !index.lagging.includes(node) && cost(node) !== undefined,
    );
    if (usable.length === 0) missing.push(shard);
    else open.set(shard, usable);
  }
  const parts: CoverPart[] = [];
  while (open.size > 0) {
    const node = nextNode(open, cost);
    const shards = [...open].filter(([, usable]) => usable.includes(node)).map(([shard]) => shard);
    for (const shard of shards) open.delete(shard);
    parts.push({
      node,
      shards,
      needsFilter: index.mixed.includes(node) || shards.length < (held.get(node) ?? 0),
    });
  }
  return { parts, missing };
}

/** A node that covers this part of what the best one covers may be taken in its place. */
const ENOUGH = 0.75;

/** Of the nodes that cover about the most open shards, the one of the lowest cost, then id. */
function nextNode(
  open: ReadonlyMap<ShardId, readonly NodeId[]>,
  cost: (node: NodeId) => number | undefined,
): NodeId {
  const gain = new Map<NodeId, number>();
  for (const usable of open.values()) {
    for (const node of usable) gain.set(node, (gain.get(node) ?? 0) + 1);
  }
  const enough = Math.max(...gain.values()) * ENOUGH;
  const [best] = [...gain]
    .filter(([, covered]) => covered >= enough)
    .toSorted(
      ([a, gainA], [b, gainB]) =>
        (cost(a) ?? Infinity) - (cost(b) ?? Infinity) || gainB - gainA || (a < b ? -1 : 1),
    );
  if (best === undefined) throw new Error("every open shard has a usable node");
  return best[0];
}
