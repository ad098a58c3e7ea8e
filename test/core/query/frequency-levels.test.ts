import { expect, test } from "vitest";

import {
  droppableWords,
  keptQuery,
  keptWords,
  wordAlone,
} from "../../../worker/core/query/frequency-levels.ts";
import { SEMANTIC_PLACEHOLDER } from "../../../worker/core/query/search-kind.ts";
import type { SearchQuery } from "../../../worker/core/query/search-query.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../../../worker/core/settings/settings.ts";

const query = (q: string, over: Partial<SearchQuery> = {}): SearchQuery => ({
  ...SEMANTIC_PLACEHOLDER,
  window: { kind: "slice", offset: 0, limit: 20 },
  q,
  matchingStrategy: "frequency",
  ...over,
});
const wordsOf = (asked: SearchQuery, settings: Partial<IndexSettings> = {}) =>
  droppableWords(asked, { ...DEFAULT_SETTINGS, ...settings })?.map(({ start, end }) =>
    asked.q?.slice(start, end),
  );

test("words are what stands between separators", () => {
  expect(wordsOf(query("Universal (U2F) 2nd packa"))).toEqual(["Universal", "U2F", "2nd", "packa"]);
  expect(wordsOf(query("mode Markdown-formatt"))).toEqual(["mode", "Markdown", "formatt"]);
});

test.for([
  ["a phrase", query('"a b" c'), {}],
  ["an excluded word", query("a -b"), {}],
  ["one word", query("a"), {}],
  ["camel case", query("fooBar baz"), {}],
  ["another script", query("東京 tower"), {}],
  ["a stop word", query("the cat"), { stopWords: ["the"] }],
  ["words of several words", query("a b"), { synonyms: { "new york": ["ny"] } }],
  ["rules before words", query("a b"), { rankingRules: ["sort", "words"] }],
  ["scores", query("a b", { showRankingScore: true }), {}],
  ["highlights", query("a b", { attributesToHighlight: ["*"] }), {}],
  ["another strategy", query("a b", { matchingStrategy: "last" }), {}],
] as const)("%s is left to the nodes", ([, asked, settings]) => {
  expect(wordsOf(asked, settings)).toBeUndefined();
});

test.for([
  [
    [5, 9, 1],
    [[0, 1, 2], [0, 2], [2]],
  ],
  [[4, 4], [[0, 1]]],
  [
    [0, 3],
    [[0, 1], [1]],
  ],
  [
    [2, 7, 7],
    [[0, 1, 2], [0]],
  ],
] as const)("counts %j leave %j", ([counts, kept]) => {
  expect(keptWords(counts)).toEqual(kept);
});

test("a word that goes leaves its place, and none becomes the beginning of a word", () => {
  const asked = query("big red do");
  const words = droppableWords(asked, DEFAULT_SETTINGS) ?? [];
  expect(keptQuery("big red do", words, [0, 2])).toBe("big ; do");
  expect(keptQuery("big red do", words, [0, 1])).toBe("big red ;");
  expect(words.map((word) => wordAlone("big red do", word))).toEqual(["big ", "red ", "do"]);
});
