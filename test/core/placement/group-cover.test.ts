import fc from "fast-check";
import { expect, test } from "vitest";

import { groupId, nodeId, type NodeId } from "../../../worker/core/ids.ts";
import { coveringSet } from "../../../worker/core/placement/covering-set.ts";
import { groupCover } from "../../../worker/core/placement/group-cover.ts";
import type { ShardMap } from "../../../worker/core/topology/topology.ts";
import { indexOf } from "../../search/read-fixtures.ts";

const names = (text: string): NodeId[] => text.split(" ").map(nodeId);
/** Two groups, `e` near and `w` far; in each, two nodes that share four shards. */
const MAP: ShardMap = [names("e1 w1"), names("e2 w1"), names("e1 w2"), names("e2 w2")];
const groupOf = (node: NodeId) => groupId(node.slice(0, 1));
const near = (node: NodeId): number => (node.startsWith("e") ? 2 : 90);

const even = (): number => 1;

function asked(cost: (node: NodeId) => number | undefined, latencyMs = near): string[] {
  const { parts } = groupCover(indexOf({}, MAP), groupOf, cost, latencyMs);
  return parts.map(({ node }) => String(node)).toSorted();
}

test("a read stays in the near group", () => {
  expect(asked(even)).toEqual(["e1", "e2"]);
  expect(asked(even, (node) => 92 - near(node))).toEqual(["w1", "w2"]);
});

test("a read stays there however busy that group is", () => {
  expect(asked((node) => 100 - near(node))).toEqual(["e1", "e2"]);
});

test("a group is as far as its slowest node", () => {
  expect(asked(even, (node) => (node === "e2" ? 100 : near(node)))).toEqual(["w1", "w2"]);
});

test("with a node of the near group out, the other group serves", () => {
  expect(asked((node) => (node === "e2" ? undefined : 1))).toEqual(["w1", "w2"]);
});

test("with a node of each group out, both together serve what there is", () => {
  const up = (node: NodeId) => (["e2", "w1"].includes(node) ? undefined : 1);
  const { parts, missing } = groupCover(indexOf({}, MAP), groupOf, up, near);
  expect(parts.map(({ node }) => String(node)).toSorted()).toEqual(["e1", "w2"]);
  expect(missing).toEqual([1]);
});

test("what several groups can cover, they cover exactly once", () => {
  const costs = fc.dictionary(
    fc.constantFrom("e1", "e2", "w1", "w2"),
    fc.option(fc.nat(100), { nil: undefined }),
  );
  fc.assert(
    fc.property(costs, (known) => {
      const cost = (node: NodeId): number | undefined => known[node];
      const { parts, missing } = groupCover(indexOf({}, MAP), groupOf, cost, near);
      const shards = [...parts.flatMap((part) => [...part.shards]), ...missing];
      expect(shards.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
      expect(missing).toEqual(coveringSet(indexOf({}, MAP), cost).missing);
    }),
  );
});
