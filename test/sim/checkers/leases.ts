/** Nothing is deleted from a node while some Worker's lease still leads to it. */
import { shardMark } from "../../../worker/core/placement/shard-mark.ts";
import { shardId } from "../../../worker/core/ids.ts";
import type { Isolate } from "../isolate.ts";
import type { NodeTask } from "../node/tasks.ts";

/** What is wrong with a task that a node has carried out, of an index that is not being deleted. */
export function faultOfDeletion(
  node: string,
  { type, indexUid, customMetadata, filter, error }: NodeTask,
  isolates: readonly Isolate[],
): string | undefined {
  const isDrop = type === "indexDeletion" || (filter !== null && customMetadata === null);
  if (!isDrop || error !== null) return undefined;
  for (const isolate of isolates) {
    for (const index of isolate.leased()?.indexes.values() ?? []) {
      if (index.physical !== indexUid || index.lagging.some((away) => away === node)) continue;
      for (const [shard, holders] of index.shardMap.entries()) {
        if (!holders.some((holder) => holder === node)) continue;
        if (filter !== null && !filter.includes(shardMark(shardId(shard)))) continue;
        return `${node}: shard ${shard} of ${indexUid} is dropped while ${isolate.life.name} may read it`;
      }
    }
  }
  return undefined;
}
