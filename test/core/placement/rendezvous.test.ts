import fc from "fast-check";
import { expect, test } from "vitest";

import { nodeId, physicalUid, shardId } from "../../../worker/core/ids.ts";
import { owners, type Candidate } from "../../../worker/core/placement/rendezvous.ts";

const index = physicalUid("movies-1");
const nodes = (count: number): Candidate[] =>
  Array.from({ length: count }, (_, i) => ({ id: nodeId(`n${i}`), weight: 1, zone: undefined }));
const shards = Array.from({ length: 256 }, (_, i) => shardId(i));

test("adding a node moves shards to it only, and about its share", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3 }), (count, rf) => {
      const before = nodes(count);
      const after = nodes(count + 1);
      const added = nodeId(`n${count}`);
      let moved = 0;
      for (const shard of shards) {
        const old = owners(index, shard, before, rf);
        for (const owner of owners(index, shard, after, rf)) {
          if (old.includes(owner)) continue;
          expect(owner).toBe(added);
          moved += 1;
        }
      }
      const share = (shards.length * Math.min(rf, count + 1)) / (count + 1);
      expect(moved).toBeLessThan(share * 1.6 + 12);
      expect(moved).toBeGreaterThan(share * 0.5 - 12);
    }),
  );
});

test("placement does not depend on the order of the nodes", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(nodes(8), { minLength: 8 }), (shuffled) => {
      for (const shard of shards) {
        expect(owners(index, shard, shuffled, 2)).toEqual(owners(index, shard, nodes(8), 2));
      }
    }),
  );
});

test("a node of weight 2 gets about twice the shards", () => {
  const weighted = nodes(4).map((node, i) => ({ ...node, weight: i === 0 ? 2 : 1 }));
  const many = Array.from({ length: 5000 }, (_, i) => shardId(i));
  const first = many.filter((shard) => owners(index, shard, weighted, 1)[0] === "n0").length;
  expect(first / many.length).toBeGreaterThan(0.36);
  expect(first / many.length).toBeLessThan(0.44);
});

test("replicas never share a node, nor a zone while there are enough zones", () => {
  const zoned = nodes(6).map((node, i) => ({ ...node, zone: `z${i % 3}` }));
  for (const shard of shards) {
    const three = owners(index, shard, zoned, 3);
    expect(new Set(three.map((id) => Number(id.slice(1)) % 3)).size).toBe(3);
    const four = owners(index, shard, zoned, 4);
    expect(new Set(four).size).toBe(4);
  }
});

test("fewer nodes than replicas: every node holds the shard", () => {
  expect(owners(index, shardId(0), nodes(2), 3)).toHaveLength(2);
});
