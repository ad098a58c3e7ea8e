import { expect, test } from "vitest";

import { nodeId, shardId } from "../../../worker/core/ids.ts";
import { countedOnce } from "../../../worker/core/tasks/counted-once.ts";

const [a, b, c] = [nodeId("a"), nodeId("b"), nodeId("c")];
const shardMap = [
  [a, b],
  [b, c],
  [a, c],
];
const counts = (...told: (readonly [typeof a, number])[]) => new Map(told);

test.each([
  ["all replicas told", counts([a, 4], [b, 5], [c, 3]), undefined, 6],
  ["nobody told", counts(), undefined, 0],
  ["one shard, one of its replicas is out", counts([a, 0], [b, 1]), new Map([[shardId(1), 10]]), 1],
  ["one shard, nothing there", counts([a, 0], [b, 0]), new Map([[shardId(1), 10]]), 0],
  // Three documents, one on each shard: a has two of them, b too, and c is out.
  ["alike on all shards, one node out", counts([a, 2], [b, 2]), undefined, 3],
  [
    "by the weight of the shards",
    counts([a, 8], [b, 10]),
    new Map([
      [shardId(0), 8],
      [shardId(1), 2],
    ]),
    10,
  ],
])("%s", (_, told, weights, expected) => {
  expect(countedOnce(told, shardMap, weights)).toBe(expected);
});
