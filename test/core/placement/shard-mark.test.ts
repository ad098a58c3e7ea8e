import fc from "fast-check";
import { expect, test } from "vitest";

import { shardId } from "../../../worker/core/ids.ts";
import { SHARD_COUNT_MAX } from "../../../worker/core/limits.ts";
import { shardFilter, shardMark, shardOfMark } from "../../../worker/core/placement/shard-mark.ts";

test("a mark is separators only, of one width, and says its shard", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: SHARD_COUNT_MAX - 1 }), (shard) => {
      const mark = shardMark(shardId(shard));
      expect(mark).toMatch(/^[«»]{12}$/);
      expect(shardOfMark(mark)).toBe(shard);
    }),
  );
});

test.for(["", "«»", "0", "«««««««««««x"])("%j is no mark", (text) => {
  expect(shardOfMark(text)).toBeUndefined();
});

test("the filter names every shard", () => {
  expect(shardFilter([shardId(0), shardId(5)])).toBe(
    '_miroir_shard IN ["««««««««««««", "«««««««««»«»"]',
  );
});
