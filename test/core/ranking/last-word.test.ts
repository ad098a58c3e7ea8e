import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  lastWord,
  rankedAttributes,
  readLastWord,
  withoutMatch,
} from "../../../worker/core/ranking/last-word.ts";
import type { Scored } from "../../../worker/core/ranking/recompute-score.ts";
import { rankSteps } from "../../../worker/core/ranking/score-details.ts";

describe("the last word of a query", () => {
  test.for([
    ["small compil", "compil"],
    ["event-driven for Pe", "Pe"],
    ["a -b c2", "c2"],
    ["compil", undefined],
    [" compil", undefined],
    ["small compil ", undefined],
    ["small (compil)", undefined],
    ['"small compil', undefined],
    ["small camelCase", undefined],
    ["small 東京", undefined],
    ["", undefined],
    [null, undefined],
  ] as const)("of %j is %j", ([q, expected]) => {
    expect(lastWord(q)).toBe(expected);
  });
});

interface Ranks {
  readonly words: number;
  readonly attributes: number;
  readonly proximity: number;
  readonly attribute: number;
  readonly position: number;
}

/** A hit of a node that starts with the query, `exactWords` of its words as they stand. */
function hitOf(ranks: Ranks, exactWords: number, matchType: "exactMatch" | "matchesStart"): Scored {
  const { words, attributes } = ranks;
  const share = (part: number, count: number): [number, number] => [
    1 + Math.floor(part * (count - 1)),
    count,
  ];
  const match = matchType === "exactMatch" ? 3 : 2;
  const proximity = share(ranks.proximity, 3 * words - 2);
  const attribute = share(ranks.attribute, (attributes - 1) * words + 1);
  const position = share(ranks.position, 10 * words + 1);
  const all: [number, number][] = [
    [words, words],
    [2, 2],
    proximity,
    attribute,
    position,
    [match, 3],
    [exactWords + 1, words + 1],
  ];
  // Meilisearch's fold of ranks, in whole numbers.
  const [rank, max] = all.reduce(
    ([outer, outerMax], [inner, innerMax]): [number, number] => [
      (outer - 1) * innerMax + inner,
      outerMax * innerMax,
    ],
    [1, 1],
  );
  const score = ([part, count]: [number, number]): number => part / count;
  const details = {
    words: { order: 0, matchingWords: words, maxMatchingWords: words, score: 1 },
    typo: { order: 1, typoCount: 0, maxTypoCount: 1, score: 1 },
    proximity: { order: 2, score: score(proximity) },
    attribute: {
      order: 3,
      attributeRankingOrderScore: score(attribute),
      queryWordDistanceScore: score(position),
    },
    exactness: { order: 4, matchType, score: match / 3 },
  };
  return { details, steps: rankSteps(details, []), rankingScore: rank / max };
}

const part = fc.double({ min: 0, max: 1, noNaN: true });
const ranks = fc.record({
  words: fc.integer({ min: 2, max: 5 }),
  attributes: fc.integer({ min: 1, max: 6 }),
  proximity: part,
  attribute: part,
  position: part,
});
const matchTypes = fc.constantFrom("exactMatch" as const, "matchesStart" as const);

describe("a hit that starts with the query", () => {
  test("tells whether its node knows the last word", () => {
    fc.assert(
      fc.property(ranks, matchTypes, fc.boolean(), (of, matchType, isUnknown) => {
        const hit = hitOf(of, isUnknown ? of.words - 1 : of.words, matchType);
        expect(readLastWord(hit, of.attributes)?.isUnknown).toBe(isUnknown);
      }),
    );
  });

  test("does not start with it for a node that knows the last word", () => {
    fc.assert(
      fc.property(ranks, matchTypes, (of, matchType) => {
        const known = readLastWord(hitOf(of, of.words - 1, matchType), of.attributes)?.known;
        expect(known?.details["exactness"]).toMatchObject({
          order: 4,
          matchType: "noExactMatch",
          matchingWords: of.words - 1,
          maxMatchingWords: of.words,
        });
        expect(known?.steps.slice(-2).map((step) => step.kind === "rank" && step.value)).toEqual([
          0,
          of.words - 1,
        ]);
        const better = hitOf(of, of.words - 1, "matchesStart").rankingScore ?? 0;
        expect(known?.rankingScore).toBeLessThan(better);
      }),
    );
  });

  test("does not match as a whole where words before others are missing", () => {
    fc.assert(
      fc.property(ranks, matchTypes, fc.boolean(), (of, matchType, isUnknown) => {
        const exactWords = isUnknown ? of.words - 1 : of.words;
        const missing = withoutMatch(hitOf(of, exactWords, matchType), of.attributes);
        expect(missing?.details["exactness"]).toMatchObject({
          matchType: "noExactMatch",
          matchingWords: exactWords,
        });
        expect(missing?.rankingScore).toBeLessThan(
          hitOf(of, exactWords, matchType).rankingScore ?? 0,
        );
      }),
    );
  });

  test("is not read where another rule hides what the score is made of", () => {
    const hit = hitOf(
      { words: 2, attributes: 3, proximity: 1, attribute: 1, position: 1 },
      1,
      "matchesStart",
    );
    expect(readLastWord({ ...hit, rankingScore: 0.123 }, 3)).toBeUndefined();
    const details = { ...hit.details, typo: { order: 1, typoCount: 1, maxTypoCount: 1 } };
    expect(readLastWord({ ...hit, details }, 3)).toBeUndefined();
  });
});

test("attributes rank by their place unless all are searched alike", () => {
  expect(rankedAttributes(["*"])).toBe(1);
  expect(rankedAttributes(["a", "b"])).toBe(2);
});
