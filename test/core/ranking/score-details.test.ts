import { describe, expect, test } from "vitest";
import { rankSteps } from "../../../worker/core/ranking/score-details.ts";

describe("rank steps of a hit", () => {
  test("come in the order the rules were applied, not in the order of keys", () => {
    const steps = rankSteps(
      {
        "5:asc": { order: 3, value: 1 },
        typo: { order: 1, typoCount: 2, maxTypoCount: 3, score: 0.5 },
        words: { order: 0, matchingWords: 2, maxMatchingWords: 3, score: 0.6 },
        proximity: { order: 2, score: 0.25 },
      },
      [{ weightedScore: 0.5 }, { sort: { asc: true, value: 1 } }],
    );
    expect(steps).toEqual([
      { kind: "rank", rule: "words", value: -1 },
      { kind: "rank", rule: "typo", value: -2 },
      { kind: "rank", rule: "proximity", value: 0.25e12 },
      { kind: "sort", rule: "5:asc", asc: true, value: 1 },
    ]);
  });

  test("take sort values where the details hide them", () => {
    const steps = rankSteps(
      {
        "price:desc": { order: 0, value: 3 },
        "<hidden-rule-1>": { order: 1, value: "<hidden>" },
        "_geoPoint(1, 2):asc": { order: 2, value: null, distance: null },
      },
      [
        { sort: { asc: false, value: 3 } },
        { sort: { asc: true, value: "a" } },
        { geoSort: { asc: true, distance: null } },
      ],
    );
    expect(steps).toEqual([
      { kind: "sort", rule: "price:desc", asc: false, value: 3 },
      { kind: "sort", rule: "<hidden-rule-1>", asc: true, value: "a" },
      { kind: "geo", rule: "_geoPoint(1, 2):asc", asc: true, distance: null },
    ]);
  });

  test.for([
    ["attribute", { attributeRankingOrderScore: 1, queryWordDistanceScore: 0.5 }, [1e12, 0.5e12]],
    ["attributeRank", { score: 0.75 }, [0.75e12]],
    ["wordPosition", { score: 1 / 3 }, [333333333333]],
    ["exactness", { matchType: "exactMatch", score: 1 }, [2, 0]],
    ["exactness", { matchType: "noExactMatch", matchingWords: 2, maxMatchingWords: 3 }, [0, 2]],
    ["vectorSort", { similarity: null }, [0]],
  ] as const)("%s is comparable between shards", ([rule, details, values]) => {
    const steps = rankSteps({ [rule]: { order: 0, ...details } }, []);
    expect(steps).toEqual(values.map((value) => ({ kind: "rank", rule, value })));
  });
});

describe("steps of a plain search", () => {
  test("are those that the weighted values would give", () => {
    const point = "_geoPoint(1, 2):desc";
    const details = {
      "price:asc": { order: 0, value: 3 },
      [point]: { order: 1, value: { lat: 1, lng: 2 }, distance: 12.5 },
      "name:desc": { order: 2, value: null },
    };
    const values = [
      { sort: { asc: true, value: 3 } },
      { geoSort: { asc: false, distance: 12.5 } },
      { sort: { asc: false, value: null } },
    ];
    expect(rankSteps(details, undefined)).toEqual(rankSteps(details, values));
    expect(rankSteps(details, undefined)).toHaveLength(3);
  });
});
