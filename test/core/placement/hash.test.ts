import { expect, test } from "vitest";

import { documentId } from "../../../worker/core/ids.ts";
import { hashText, shardOf, xxh32 } from "../../../worker/core/placement/hash.ts";

// The published vectors of XXH32, seed 0. A change here would misplace every stored document.
test.for([
  ["", 0x02cc5d05],
  ["a", 0x550d7456],
  ["abc", 0x32d153ff],
  ["Nobody inspects the spammish repetition", 0xe2293b2f],
] as const)("XXH32 of %j", ([text, expected]) => {
  expect(hashText(text)).toBe(expected);
});

test("bytes are hashed wherever they lie in their buffer", () => {
  const buffer = new TextEncoder().encode("xxNobody inspects the spammish repetition");
  expect(xxh32(buffer.subarray(2))).toBe(0xe2293b2f);
});

// Miroir's own vectors: which shard a document is on.
test.for([
  ["1", 16, 2],
  ["sku-0001", 16, 7],
  ["9007199254740993", 64, 40],
  ["été", 4096, 3127],
] as const)("document %s of %i shards", ([id, count, expected]) => {
  expect(shardOf(documentId(id), count)).toBe(expected);
});

test("ids spread evenly over shards", () => {
  const counts = Array.from({ length: 16 }, () => 0);
  for (let id = 0; id < 16_000; id += 1) {
    const shard = shardOf(documentId(String(id)), 16);
    counts[shard] = (counts[shard] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
