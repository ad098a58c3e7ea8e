/**
 * The covering set of one read: nodes chosen so that every shard is read exactly once, from an
 * in-sync replica. Few nodes first (each costs a subrequest and a merge input), then the caller's
 * preference (near, healthy, lightly loaded).
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

/** The node that covers most open shards; ties go to the lower cost, then to the lower id. */
function nextNode(
  open: ReadonlyMap<ShardId, readonly NodeId[]>,
  cost: (node: NodeId) => number | undefined,
): NodeId {
  const gain = new Map<NodeId, number>();
  for (const usable of open.values()) {
    for (const node of usable) gain.set(node, (gain.get(node) ?? 0) + 1);
  }
  const [best] = [...gain].sort(
    ([a, gainA], [b, gainB]) =>
      gainB - gainA || (cost(a) ?? Infinity) - (cost(b) ?? Infinity) || (a < b ? -1 : 1),
  );
  if (best === undefined) throw new Error("every open shard has a usable node");
  return best[0];
}
