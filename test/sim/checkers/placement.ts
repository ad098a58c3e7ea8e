/**
 * At rest, when everything has been placed anew: every shard is on the nodes that rendezvous hashing
 * names among those that take shards, on as many as its index asks for or there are, and on no other.
 */
import { groupId, nodeId, physicalUid, shardId } from "../../../worker/core/ids.ts";
import { owners } from "../../../worker/core/placement/rendezvous.ts";
import type { Node } from "../../../worker/core/topology/topology.ts";
import type { World } from "../world.ts";

interface Registered {
  readonly physical: string;
  readonly phase: string;
  readonly replicationFactor: number;
  readonly shardMap: readonly (readonly string[])[];
}

export function faultOfPlacement(world: World): string | undefined {
  const { disk } = world.clusters.object("cluster");
  const values = (table: string): readonly unknown[] =>
    disk.rows(`SELECT value FROM ${table}`).map(({ value }): unknown => JSON.parse(String(value)));
  const nodes = values("nodes") as readonly Node[];
  const takers = nodes
    .filter(({ state }) => state === "active")
    .map((node) => ({ ...node, id: nodeId(node.id), group: groupId(node.group) }));
  // An operator may drain every node that holds nothing.
  if (takers.length === 0) return undefined;
  for (const { physical, phase, replicationFactor, shardMap } of values(
    "indexes",
  ) as readonly Registered[]) {
    if (phase !== "serving") continue;
    for (const [shard, holders] of shardMap.entries()) {
      const wanted = owners(physicalUid(physical), shardId(shard), takers, replicationFactor);
      const where = `shard ${shard} of ${physical} is on ${holders.join()}`;
      // With too few nodes to take them, replicas stay where they should leave.
      const isShort = wanted.length < replicationFactor;
      const kept = isShort ? holders.filter((node) => wanted.some((own) => own === node)) : holders;
      if (wanted.toSorted().join() !== kept.toSorted().join()) {
        return `${where}, it should be on ${wanted.join()}`;
      }
    }
  }
  return undefined;
}
