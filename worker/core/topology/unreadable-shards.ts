/** Shards of an index that nobody can answer for now. */
import { shardId, type NodeId, type ShardId } from "../ids.ts";
import type { ShardMap } from "./topology.ts";

export function unreadableShards(
  { shardMap, lagging }: { readonly shardMap: ShardMap; readonly lagging: readonly NodeId[] },
  isHealthy: (node: NodeId) => boolean,
): readonly ShardId[] {
  return shardMap.flatMap((replicas, shard) =>
    replicas.some((node) => isHealthy(node) && !lagging.includes(node)) ? [] : [shardId(shard)],
  );
}
