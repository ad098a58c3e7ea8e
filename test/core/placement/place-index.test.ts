import { expect, test } from "vitest";

import { groupId, nodeId, physicalUid, shardId } from "../../../worker/core/ids.ts";
import { placeIndex } from "../../../worker/core/placement/place-index.ts";
import { soleReplicas } from "../../../worker/core/placement/sole-replicas.ts";
import type { Node, NodeState } from "../../../worker/core/topology/topology.ts";

const node = (id: string, group = "default", state: NodeState = "active"): Node => ({
  id: nodeId(id),
  url: `embedded://${id}`,
  key: undefined,
  group: groupId(group),
  zone: undefined,
  weight: 1,
  state,
  health: "healthy",
});

test("every group holds every shard, as often as the replication factor says", () => {
  const nodes = [node("a"), node("b"), node("c"), node("x", "far"), node("y", "far")];
  for (const replicas of placeIndex(physicalUid("i"), nodes, 32, 2)) {
    expect(replicas.filter((id) => "abc".includes(id))).toHaveLength(2);
    expect(replicas.filter((id) => "xy".includes(id))).toHaveLength(2);
    expect(new Set(replicas).size).toBe(4);
  }
});

test("only active nodes get shards", () => {
  const nodes = [node("a"), node("b", "default", "draining"), node("c", "default", "failed")];
  expect(new Set(placeIndex(physicalUid("i"), nodes, 8, 2).flat())).toEqual(new Set(["a"]));
});

test("a node can be spared when other usable nodes hold all of its shards", () => {
  const [a, b, c] = ["a", "b", "c"].map(nodeId);
  if (a === undefined || b === undefined || c === undefined) throw new Error("three nodes");
  const shardMap = [
    [a, b],
    [b, c],
    [a, c],
  ];
  expect(soleReplicas(shardMap, a, () => true)).toEqual([]);
  expect(soleReplicas(shardMap, a, (id) => id !== c)).toEqual([shardId(2)]);
  expect(soleReplicas([[a]], a, () => true)).toEqual([shardId(0)]);
});
