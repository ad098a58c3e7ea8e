import fc from "fast-check";
import { expect, test } from "vitest";

import {
  indexUid,
  instant,
  nodeId,
  physicalUid,
  shardId,
  type NodeId,
} from "../../../worker/core/ids.ts";
import { coveringSet } from "../../../worker/core/placement/covering-set.ts";
import { DEFAULT_SETTINGS } from "../../../worker/core/settings/settings.ts";
import type { IndexEntry } from "../../../worker/core/topology/topology.ts";

const ids = ["n0", "n1", "n2", "n3"].map(nodeId);

function indexOf(
  shardMap: readonly (readonly NodeId[])[],
  lagging: readonly NodeId[] = [],
  mixed: readonly NodeId[] = [],
): IndexEntry {
  return {
    uid: indexUid("movies"),
    physical: physicalUid("movies-1"),
    takesWrites: true,
    primaryKey: "id",
    replicationFactor: 2,
    shardMap,
    lagging,
    mixed,
    settings: DEFAULT_SETTINGS,
    createdAt: instant(0),
    updatedAt: instant(0),
  };
}

const arbitraryMap = fc.array(fc.shuffledSubarray(ids, { minLength: 1 }), {
  minLength: 1,
  maxLength: 40,
});

test("every shard is read exactly once, from a usable in-sync replica, or is missing", () => {
  fc.assert(
    fc.property(arbitraryMap, fc.subarray(ids), fc.subarray(ids), (shardMap, lagging, down) => {
      const cost = (node: NodeId) => (down.includes(node) ? undefined : 1);
      const { parts, missing } = coveringSet(indexOf(shardMap, lagging), cost);
      const read = [...parts.flatMap(({ shards }) => shards), ...missing];
      expect(read.toSorted((a, b) => a - b)).toEqual(shardMap.map((_, shard) => shard));
      for (const { node, shards } of parts) {
        expect([...lagging, ...down]).not.toContain(node);
        for (const shard of shards) expect(shardMap[shard]).toContain(node);
      }
      for (const shard of missing) {
        const usable = shardMap[shard]?.filter((node) => ![...lagging, ...down].includes(node));
        expect(usable).toEqual([]);
      }
    }),
  );
});

test("the filter is asked for exactly when the node holds more than it is asked for", () => {
  fc.assert(
    fc.property(arbitraryMap, (shardMap) => {
      for (const { node, shards, needsFilter } of coveringSet(indexOf(shardMap), () => 1).parts) {
        const held = shardMap.filter((replicas) => replicas.includes(node)).length;
        expect(needsFilter).toBe(held > shards.length);
      }
    }),
  );
});

test("a node that holds documents of shards that are not its own is always filtered", () => {
  const parts = (mixed: readonly NodeId[]) =>
    coveringSet(indexOf([ids.slice(0, 1), ids.slice(1, 2)], [], mixed), () => 1).parts;
  expect(parts([]).map(({ needsFilter }) => needsFilter)).toEqual([false, false]);
  expect(parts(ids.slice(1, 2)).map(({ needsFilter }) => needsFilter)).toEqual([false, true]);
});

test("of nodes that cover equally much, the cheaper is read", () => {
  const shardMap = [ids.slice(0, 2), ids.slice(0, 2)];
  const { parts } = coveringSet(indexOf(shardMap), (node) => (node === "n0" ? 9 : 1));
  expect(parts.map(({ node }) => node)).toEqual(["n1"]);
});

test("only the wanted shards are covered", () => {
  const shardMap = [ids.slice(0, 1), ids.slice(1, 2), ids.slice(0, 1)];
  const { parts } = coveringSet(indexOf(shardMap), () => 1, [shardId(2)]);
  expect(parts).toEqual([{ node: "n0", shards: [2], needsFilter: true }]);
});
