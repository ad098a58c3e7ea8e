import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  facetSearchBody,
  mergeFacetHits,
  readFacetHits,
  slowestMs,
  type FacetHit,
} from "../../../worker/core/merge/facet-hits.ts";

const hit = (value: string, count: number): FacetHit => ({ value, count });

describe("merging facet hits", () => {
  test("counts of one value add up, whatever its spelling", () => {
    const merged = mergeFacetHits(
      [
        [hit("Red", 2), hit("ﬁne", 1)],
        [hit("fine", 2), hit("red", 5)],
      ],
      "count",
      10,
    );
    expect(merged).toEqual([hit("red", 7), hit("fine", 3)]);
  });

  test("accents part values, and do not move them", () => {
    const merged = mergeFacetHits(
      [
        [hit("eclair", 1), hit("zebra", 1)],
        [hit("Éclair", 2), hit("fig", 1)],
      ],
      "alpha",
      10,
    );
    expect(merged.map(({ value }) => value)).toEqual(["eclair", "Éclair", "fig", "zebra"]);
  });

  test("a node's own order stands, even where it cannot be told from the values", () => {
    const merged = mergeFacetHits(
      [
        [hit("z", 1), hit("a", 1)],
        [hit("z", 1), hit("m", 1)],
      ],
      "alpha",
      9,
    );
    expect(merged.map(({ value }) => value)).toEqual(["z", "a", "m"]);
  });

  test("among equal counts the greater value comes first", () => {
    const merged = mergeFacetHits(
      [
        [hit("b", 2), hit("a", 1)],
        [hit("c", 2), hit("a", 1)],
      ],
      "count",
      2,
    );
    expect(merged).toEqual([hit("c", 2), hit("b", 2)]);
  });

  test("the shards' first values hold the first values of the whole", () => {
    const documents = fc.array(
      fc.tuple(fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), fc.nat(2)),
    );
    fc.assert(
      fc.property(documents, fc.integer({ min: 1, max: 6 }), (all, maxValues) => {
        const counted = (values: readonly string[]): FacetHit[] =>
          [...new Set(values)]
            .toSorted()
            .map((value) => hit(value, values.filter((v) => v === value).length));
        const shards = [0, 1, 2].map((shard) =>
          counted(all.flatMap(([value, on]) => (on === shard ? [value] : []))).slice(0, maxValues),
        );
        const whole = counted(all.map(([value]) => value)).slice(0, maxValues);
        expect(mergeFacetHits(shards, "alpha", maxValues)).toEqual(whole);
      }),
    );
  });
});

test("an answer is read with its escapes, and refused when it is none", () => {
  const text =
    '{"facetHits":[{"value":"a \\"b\\"","count":3}],"facetQuery":null,"processingTimeMs":1}';
  expect(readFacetHits(text)).toEqual([hit('a "b"', 3)]);
  expect(() => readFacetHits('{"hits":[]}')).toThrow(SyntaxError);
});

test("the response has its members in Meilisearch's order", () => {
  expect(facetSearchBody([hit('a "b"', 3)], null, 2)).toBe(
    '{"facetHits":[{"value":"a \\"b\\"","count":3}],"facetQuery":null,"processingTimeMs":2}',
  );
});

test("the time is that of the slowest node", () => {
  const answer = (ms: number) => `{"facetHits":[],"facetQuery":null,"processingTimeMs":${ms}}`;
  expect(slowestMs([answer(0), answer(3), answer(1)])).toBe(3);
  expect(slowestMs([])).toBe(0);
});
