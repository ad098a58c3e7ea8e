/**
 * The covering set of one read in a fleet of several replica groups: from one group where one can
 * serve it whole, the near one by how long its nodes take to answer; from all where none can.
 */
import type { GroupId, NodeId, ShardId } from "../ids.ts";
import type { IndexEntry } from "../topology/topology.ts";
import { coveringSet, type Cover } from "./covering-set.ts";

/** As `coveringSet`; `groupOf` names every node's group, `latencyMs` says how far away it is. */
export function groupCover(
  index: IndexEntry,
  groupOf: (node: NodeId) => GroupId | undefined,
  cost: (node: NodeId) => number | undefined,
  latencyMs: (node: NodeId) => number,
  wanted?: readonly ShardId[],
): Cover {
  const groups = new Set(index.shardMap.flat().map(groupOf));
  if (groups.size < 2) return coveringSet(index, cost, wanted);
  const covers = [...groups].flatMap((group) => {
    const inside = (node: NodeId): number | undefined =>
      groupOf(node) === group ? cost(node) : undefined;
    const cover = coveringSet(index, inside, wanted);
    return cover.missing.length === 0 ? [{ cover, distance: farthest(cover, latencyMs) }] : [];
  });
  const [best] = covers.toSorted((a, b) => a.distance - b.distance);
  return best?.cover ?? coveringSet(index, cost, wanted);
}

/** A read is over when its slowest node has answered. */
function farthest({ parts }: Cover, latencyMs: (node: NodeId) => number): number {
  return Math.max(0, ...parts.map(({ node }) => latencyMs(node)));
}
