/**
 * Where the shards of a new index go: `replicas` nodes per shard in every group. With no node that
 * takes shards, to those that there are: an index on no node at all could never come to one.
 */
import { shardId, type GroupId, type PhysicalUid } from "../ids.ts";
import type { Node, ShardMap } from "../topology/topology.ts";
import { owners } from "./rendezvous.ts";

export function placeIndex(
  index: PhysicalUid,
  nodes: readonly Node[],
  shardCount: number,
  replicas: number,
): ShardMap {
  const groups = new Map<GroupId, Node[]>();
  const active = nodes.filter(({ state }) => state === "active");
  for (const node of active.length > 0 ? active : nodes) {
    groups.set(node.group, [...(groups.get(node.group) ?? []), node]);
  }
  return Array.from({ length: shardCount }, (_, shard) =>
    [...groups.values()].flatMap((members) => owners(index, shardId(shard), members, replicas)),
  );
}
