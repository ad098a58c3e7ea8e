import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareSortValues, compareSteps } from "../../../worker/core/ranking/compare-steps.ts";
import type { RankStep, SortValue } from "../../../worker/core/ranking/score-details.ts";

const rank = (value: number): RankStep => ({ kind: "rank", rule: "typo", value });
const skipped: RankStep = { kind: "skipped", rule: "skipped" };

const sortValue = fc.oneof(
  fc.constant(null),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom("", "a", "b", "\u{10000}", "\uffff"),
);

describe("sort values", () => {
  test.for([
    { asc: true, sorted: [-1, 7, "A", "a", "\uffff", "\u{10000}", null] },
    { asc: false, sorted: [7, -1, "\u{10000}", "\uffff", "a", "A", null] },
  ])("are in one node's order (asc: $asc)", ({ asc, sorted }) => {
    const shuffled: SortValue[] = [null, "a", 7, "\u{10000}", -1, "A", "\uffff"];
    expect(shuffled.sort((a, b) => compareSortValues(a, b, asc))).toEqual(sorted);
  });

  test("are totally ordered", () => {
    fc.assert(
      fc.property(sortValue, sortValue, sortValue, fc.boolean(), (a, b, c, asc) => {
        const order = (x: SortValue, y: SortValue) => Math.sign(compareSortValues(x, y, asc));
        expect(order(a, b) + order(b, a)).toBe(0);
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe("hits", () => {
  test.for<[string, RankStep[], RankStep[]]>([
    ["the first rule decides", [rank(0), rank(-5)], [rank(-1), rank(5)]],
    ["a later rule decides ties", [rank(0), rank(1)], [rank(0), rank(0)]],
    ["what was cut off is worse", [rank(0), rank(-9)], [rank(0), skipped]],
    ["the longer list wins", [rank(0), rank(-9)], [rank(0)]],
    [
      "near comes first when ascending",
      [{ kind: "geo", rule: "g", asc: true, distance: 5 }],
      [{ kind: "geo", rule: "g", asc: true, distance: 6 }],
    ],
    [
      "far comes first when descending",
      [{ kind: "geo", rule: "g", asc: false, distance: 6 }],
      [{ kind: "geo", rule: "g", asc: false, distance: 5 }],
    ],
    [
      "no place comes last in both directions",
      [{ kind: "geo", rule: "g", asc: false, distance: 0 }],
      [{ kind: "geo", rule: "g", asc: false, distance: null }],
    ],
  ])("%s", ([, better, worse]) => {
    expect(compareSteps(better, worse)).toBeLessThan(0);
    expect(compareSteps(worse, better)).toBeGreaterThan(0);
    expect(compareSteps(better, better)).toBe(0);
  });
});
