import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  rescaled,
  rescaledScore,
  TypoMaxima,
  typoScore,
  type Scored,
} from "../../../worker/core/ranking/recompute-score.ts";
import { rankSteps } from "../../../worker/core/ranking/score-details.ts";

interface Rank {
  readonly rank: number;
  readonly max: number;
}

/** Meilisearch's fold of ranks, in whole numbers. */
function globalScore(ranks: readonly Rank[]): number {
  let outer: Rank = { rank: 1, max: 1 };
  for (const inner of ranks) {
    outer = {
      rank: Math.max(outer.rank - 1, 0) * inner.max + inner.rank,
      max: outer.max * inner.max,
    };
  }
  return outer.rank / outer.max;
}

interface Case {
  readonly words: Rank;
  readonly typos: number;
  readonly rest: readonly Rank[];
}

const rankOf = (maxMax: number) =>
  fc
    .integer({ min: 1, max: maxMax })
    .chain((max) => fc.record({ rank: fc.integer({ min: 1, max }), max: fc.constant(max) }));

const cases = fc.record({
  words: rankOf(5),
  typos: fc.integer({ min: 0, max: 3 }),
  rest: fc.array(rankOf(20), { maxLength: 3 }),
});

function hitOn(shardMaximum: number, { words, typos, rest }: Case): Scored {
  const details = {
    words: { order: 0, matchingWords: words.rank, maxMatchingWords: words.max },
    typo: { order: 1, typoCount: typos, maxTypoCount: shardMaximum },
  };
  return {
    steps: rankSteps(details, []),
    details,
    rankingScore: scoreOn(shardMaximum, { words, typos, rest }),
  };
}

function scoreOn(maximum: number, { words, typos, rest }: Case): number {
  return globalScore([words, { rank: maximum + 1 - typos, max: maximum + 1 }, ...rest]);
}

describe("the ranking score on one node's scale", () => {
  test("is the fold of the same ranks with the greater typo maximum", () => {
    fc.assert(
      fc.property(cases, fc.nat(3), fc.nat(3), (one, more, evenMore) => {
        const local = one.typos + more;
        const whole = local + evenMore;
        expect(rescaledScore(hitOn(local, one), whole)).toBeCloseTo(scoreOn(whole, one), 9);
      }),
    );
  });

  test("uses the maximum of the same bucket over all shards", () => {
    const two: Case = { words: { rank: 2, max: 2 }, typos: 1, rest: [] };
    const one: Case = { words: { rank: 1, max: 2 }, typos: 1, rest: [] };
    const maxima = new TypoMaxima();
    for (const hit of [hitOn(2, two), hitOn(3, two), hitOn(5, one)]) maxima.see(hit);
    expect(rescaled(hitOn(2, two), maxima)).toEqual({
      maxTypoCount: 3,
      rankingScore: expect.closeTo(scoreOn(3, two), 9) as number,
    });
    // The node that has the maximum keeps its own text.
    expect(rescaled(hitOn(3, two), maxima)).toEqual({
      maxTypoCount: undefined,
      rankingScore: undefined,
    });
  });

  test("is left alone when a rule before typo hides its number of ranks", () => {
    const details = {
      proximity: { order: 0, score: 0.5 },
      typo: { order: 1, typoCount: 0, maxTypoCount: 1 },
    };
    const hit = { steps: rankSteps(details, []), details, rankingScore: 0.5 };
    expect(rescaledScore(hit, 3)).toBeUndefined();
  });

  test("the typo rule's own score", () => {
    expect(typoScore(0, 0)).toBe(1);
    expect(typoScore(1, 3)).toBe(0.75);
  });
});
