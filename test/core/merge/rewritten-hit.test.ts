import { expect, test } from "vitest";

import { decodeHit } from "../../../worker/core/merge/hit.ts";
import { withWordsRule } from "../../../worker/core/merge/rewritten-hit.ts";

const hit = (words: string, score: string) =>
  decodeHit(
    `{"id":1,"_rankingScore":${score},"_rankingScoreDetails":{"words":${words},"typo":{"order":1,"typoCount":0,"maxTypoCount":1,"score":1.0}}}`,
    0,
  );

test("a hit of a query that has lost words has as many of them as the client's query", () => {
  // One node said so of `python library fast`: one word of three, and the rest of the score 0.75.
  const told = withWordsRule(
    hit('{"order":0,"matchingWords":1,"maxMatchingWords":1,"score":1.0}', "0.75"),
    1,
    3,
  );
  expect(told.rankingScore).toBeCloseTo(1 / 3 - (1 - 0.75) / 3, 12);
  expect(told.details).toEqual({
    words: { order: 0, matchingWords: 1, maxMatchingWords: 3, score: 1 / 3 },
    typo: { order: 1, typoCount: 0, maxTypoCount: 1, score: 1 },
  });
  expect(told.steps[0]).toEqual({ kind: "rank", rule: "words", value: -2 });
});

test("a hit of a query that has lost none stays as it is", () => {
  const whole = hit('{"order":0,"matchingWords":3,"maxMatchingWords":3,"score":1.0}', "0.75");
  expect(withWordsRule(whole, 3, 3)).toBe(whole);
});
