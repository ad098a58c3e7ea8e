/** Whether an index can do without a node: enough other usable replicas hold each of its shards. */
import { shardId, type NodeId, type ShardId } from "../ids.ts";
import type { ShardMap } from "../topology/topology.ts";

/** Shards of `node` that fewer than `keep` other usable replicas hold. */
export function soleReplicas(
  shardMap: ShardMap,
  node: NodeId,
  isUsable: (node: NodeId) => boolean,
  keep = 1,
): readonly ShardId[] {
  return shardMap.flatMap((replicas, shard) => {
    const others = replicas.filter((other) => other !== node && isUsable(other));
    return replicas.includes(node) && others.length < keep ? [shardId(shard)] : [];
  });
}

/** Shards with fewer than `min` usable replicas, of those that there are. */
export function shortShards(
  shardMap: ShardMap,
  isUsable: (node: NodeId) => boolean,
  min: number,
): readonly ShardId[] {
  return shardMap.flatMap((replicas, shard) => {
    const usable = replicas.filter(isUsable).length;
    return usable < Math.min(min, replicas.length) ? [shardId(shard)] : [];
  });
}
