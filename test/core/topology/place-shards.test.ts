import fc from "fast-check";
import { expect, test } from "vitest";

import { nodeId, shardId } from "../../../worker/core/ids.ts";
import { exchangedNodes, placed } from "../../../worker/core/topology/place-shards.ts";

const [a, b, c] = [nodeId("a"), nodeId("b"), nodeId("c")];

test.for([
  { title: "a move keeps the place", nodes: [a, b], target: c, drop: a, after: [c, b] },
  { title: "one more comes last", nodes: [a, b], target: c, drop: null, after: [a, b, c] },
  { title: "one less", nodes: [a, b], target: null, drop: a, after: [b] },
  { title: "a move that is done", nodes: [c, b], target: c, drop: a, after: [c, b] },
  { title: "of a node that has left", nodes: [b], target: c, drop: a, after: [b, c] },
  { title: "to a node that holds it", nodes: [a, b], target: b, drop: a, after: [b] },
])("$title", ({ nodes, target, drop, after }) => {
  expect(exchangedNodes(nodes, { target, drop })).toEqual(after);
});

const arbitraryNodes = fc.shuffledSubarray([a, b, c], { minLength: 1 });

test("an exchange may be repeated, and never leaves a shard without its target", () => {
  fc.assert(
    fc.property(
      arbitraryNodes,
      fc.constantFrom(a, b, c, null),
      fc.constantFrom(a, b, c, null),
      (nodes, target, drop) => {
        fc.pre(target === null || target !== drop);
        const change = { target, drop };
        const after = exchangedNodes(nodes, change);
        expect(exchangedNodes(after, change)).toEqual(after);
        expect(new Set(after).size).toBe(after.length);
        if (target !== null) expect(after).toContain(target);
        if (drop !== null) expect(after).not.toContain(drop);
      },
    ),
  );
});

test("a change that changes nothing is the same value: no Worker need be told", () => {
  const index = { shardMap: [[a], [b]], mixed: [c] };
  expect(placed(index, { shards: [[shardId(0), [a]]], mixed: [c] })).toBe(index);
  expect(placed(index, { shards: [[shardId(9), [a]]] })).toBe(index);
  expect(placed(index, { shards: [[shardId(1), [c]]], mixed: [] })).toEqual({
    shardMap: [[a], [c]],
    mixed: [],
  });
});
