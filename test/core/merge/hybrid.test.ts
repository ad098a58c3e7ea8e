import { describe, expect, test } from "vitest";

import { decodeHit, type Hit } from "../../../worker/core/merge/hit.ts";
import {
  compareSides,
  isGoodEnough,
  mergeHybrid,
  scoreValues,
  semanticHits,
  type ScoreValue,
} from "../../../worker/core/merge/hybrid.ts";
import { TypoMaxima } from "../../../worker/core/ranking/recompute-score.ts";

function hitOf(id: string, values: readonly unknown[], details: object, score: number): Hit {
  const federation = { weightedScoreValues: values };
  const hit = { id, _federation: federation, _rankingScore: score, _rankingScoreDetails: details };
  return decodeHit(JSON.stringify(hit), 0);
}

const keyword = (id: string, score: number): Hit =>
  hitOf(
    id,
    [{ weightedScore: score }, { sort: { asc: true, value: id } }],
    {
      words: { order: 0, matchingWords: 1, maxMatchingWords: 1, score },
      "id:asc": { order: 1, value: id },
    },
    score,
  );

const vector = (id: string, similarity: number | null): Hit =>
  hitOf(
    id,
    [{ vectorSort: similarity ?? 0 }, { sort: { asc: true, value: id } }],
    {
      vectorSort: { order: 0, similarity },
      "id:asc": { order: 1, value: id },
    },
    similarity ?? 0,
  );

const NONE = new TypoMaxima();

function merged(semantic: readonly Hit[], words: readonly Hit[], ratio: number): string[] {
  return [...mergeHybrid(semantic, words, ratio, "id", NONE)].map((hit) => {
    const source = semanticHits([hit]) === 1 ? "v" : "k";
    return `${source}:${String(JSON.parse(hit.text).id)}`;
  });
}

describe("merging words and vectors", () => {
  test("the ratio weighs both lists", () => {
    const semantic = [vector("a", 0.9), vector("b", 0.5)];
    const words = [keyword("c", 0.8), keyword("d", 0.2)];
    expect(merged(semantic, words, 0.5)).toEqual(["v:a", "k:c", "v:b", "k:d"]);
    expect(merged(semantic, words, 0.1)).toEqual(["k:c", "k:d", "v:a", "v:b"]);
    expect(merged(semantic, words, 0.9)).toEqual(["v:a", "v:b", "k:c", "k:d"]);
  });

  test("a document of both lists comes once, where it ranks best", () => {
    const semantic = [vector("a", 0.9), vector("b", 0.4)];
    const words = [keyword("b", 0.8), keyword("a", 0.3)];
    expect(merged(semantic, words, 0.5)).toEqual(["v:a", "k:b"]);
  });

  test("between equals the vector's hit comes first", () => {
    expect(merged([vector("a", 0.6)], [keyword("a", 0.6)], 0.5)).toEqual(["v:a"]);
  });

  test("a document without a vector ranks behind any words", () => {
    expect(merged([vector("a", null)], [keyword("b", 0.1)], 0.9)).toEqual(["k:b", "v:a"]);
  });
});

describe("comparing hits of the two lists", () => {
  const score = (value: number): ScoreValue => ({ kind: "score", value });
  const sort = (value: number | null, asc = true): ScoreValue => ({ kind: "sort", asc, value });
  const order = (a: readonly ScoreValue[], b: readonly ScoreValue[]): number =>
    Math.sign(compareSides({ values: a, weight: 0.5 }, { values: b, weight: 0.5 }));

  test.for([
    ["the higher score wins", [score(0.9)], [score(0.8)], 1],
    ["equal scores leave it to what follows", [score(0.9), sort(1)], [score(0.9), sort(2)], 1],
    ["descending sorts are turned", [sort(1, false)], [sort(2, false)], -1],
    ["a missing value loses", [sort(null)], [sort(2)], -1],
    ["a score wins over a sort value", [score(0.1)], [sort(1)], 1],
    ["but not a score of 0", [score(0)], [sort(1)], -1],
    ["a sort value loses to a score", [sort(1)], [score(0.1)], -1],
    ["the longer list wins", [score(0.9), sort(1)], [score(0.9)], 1],
    ["nothing is equal to nothing", [], [], 0],
  ] as const)("%s", ([, a, b, expected]) => {
    expect(order(a, b)).toBe(expected);
    expect(order(b, a)).toBe(expected === 0 ? 0 : -expected);
  });
});

describe("words are good enough", () => {
  test.for([
    [true, [0.95, 0.91], 2, 0.5],
    [false, [0.95, 0.89], 2, 0.5],
    [false, [0.95], 2, 0.5],
    [true, [0.6, 0.55], 2, 0.1],
    [false, [1, 1], 2, 0.56],
    [true, [], 0, 0.5],
  ] as const)("%s: scores %j of %i at ratio %d", ([expected, scores, needed, ratio]) => {
    const hits = scores.map((score, place) => keyword(String(place), score));
    expect(isGoodEnough(hits, needed, ratio, NONE)).toBe(expected);
  });
});

test("a score is put on the scale of the whole before it is compared", () => {
  const typoHit = (id: string, typoCount: number, maxTypoCount: number): Hit => {
    const typo = { order: 1, typoCount, maxTypoCount, score: 1 - typoCount / (maxTypoCount + 1) };
    const words = { order: 0, matchingWords: 1, maxMatchingWords: 1, score: 1 };
    const score = typo.score;
    return hitOf(id, [{ weightedScore: score }], { words, typo }, score);
  };
  const maxima = new TypoMaxima();
  const local = typoHit("a", 1, 1);
  maxima.see(local);
  maxima.see(typoHit("b", 3, 3));
  expect(scoreValues(local, new TypoMaxima())).toEqual([{ kind: "score", value: 0.5 }]);
  expect(scoreValues(local, maxima)).toEqual([{ kind: "score", value: 0.75 }]);
});
