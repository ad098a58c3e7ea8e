/**
 * Deleted documents, each counted once, from what nodes counted. Every document stands on several
 * nodes; while one of them is out, some documents were counted fewer times than others, and what
 * nodes say is only a sum. Exact when all replicas told, or when one shard was touched; otherwise as
 * if deletions hit all shards alike that could be hit.
 */
import { shardId, type NodeId, type ShardId } from "../ids.ts";
import type { ShardMap } from "../topology/topology.ts";

/** `weights`: how much of the deletion concerned which shard; all alike without it. */
export function countedOnce(
  counts: ReadonlyMap<NodeId, number>,
  shardMap: ShardMap,
  weights: ReadonlyMap<ShardId, number> | undefined,
): number {
  const sum = [...counts.values()].reduce((total, count) => total + count, 0);
  let tellers = 0;
  let whole = 0;
  for (const [position, replicas] of shardMap.entries()) {
    const weight = weights === undefined ? 1 : (weights.get(shardId(position)) ?? 0);
    tellers += weight * replicas.filter((node) => counts.has(node)).length;
    whole += weight;
  }
  return tellers === 0 ? 0 : Math.round((sum * whole) / tellers);
}
