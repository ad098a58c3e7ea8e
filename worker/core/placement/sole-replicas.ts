/** Whether an index can do without a node: some other usable replica holds each of its shards. */
import { shardId, type NodeId, type ShardId } from "../ids.ts";
import type { ShardMap } from "../topology/topology.ts";

/** Shards of which `node` is the only replica that `isUsable`. */
export function soleReplicas(
  shardMap: ShardMap,
  node: NodeId,
  isUsable: (node: NodeId) => boolean,
): readonly ShardId[] {
  return shardMap.flatMap((replicas, shard) => {
    const isAlone = !replicas.some((other) => other !== node && isUsable(other));
    return replicas.includes(node) && isAlone ? [shardId(shard)] : [];
  });
}
