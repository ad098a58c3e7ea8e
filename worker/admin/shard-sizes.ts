/** What an average shard of each index holds, as its nodes say: what a plan is estimated from. */
import { shardCount } from "../core/topology/topology.ts";
import type { PhysicalUid } from "../core/ids.ts";
import type { ShardSize } from "../core/rebalance/estimate.ts";
import type { ReadContext } from "../search/read-context.ts";
import { indexStats } from "../search/stats.ts";

export async function shardSizes(read: ReadContext): Promise<ReadonlyMap<PhysicalUid, ShardSize>> {
  const sizes = new Map<PhysicalUid, ShardSize>();
  for (const index of read.topology.indexes.values()) {
    const { stats, averageDocumentSize } = await indexStats(read, index);
    const documents = stats.numberOfDocuments / shardCount(index);
    sizes.set(index.physical, { documents, bytes: documents * averageDocumentSize });
  }
  return sizes;
}
