/** Which changes of a plan may begin now: few at a time, one per shard, only onto nodes that answer. */
import type { NodeId, PhysicalUid, ShardId } from "../ids.ts";
import type { PlannedChange } from "./placement-plan.ts";

export interface Place {
  readonly index: PhysicalUid;
  readonly shard: ShardId;
}

export const placeKey = ({ index, shard }: Place): string => `${index}/${shard}`;

/**
 * The first `free` changes of shards that nothing is under way for. Of several changes of one shard
 * only the first: what comes after it is planned anew from where it led.
 */
export function nextChanges(
  changes: readonly PlannedChange[],
  busy: ReadonlySet<string>,
  isHealthy: (node: NodeId) => boolean,
  free: number,
): readonly PlannedChange[] {
  const taken = new Set(busy);
  const next: PlannedChange[] = [];
  for (const change of changes) {
    if (next.length >= free) break;
    const key = placeKey(change);
    if (taken.has(key) || (change.target !== null && !isHealthy(change.target))) continue;
    taken.add(key);
    next.push(change);
  }
  return next;
}
