import { expect, test } from "vitest";

import {
  droppableWords,
  hasHole,
  keptByLevel,
  keptQuery,
  wordAlone,
} from "../../../worker/core/query/frequency-levels.ts";
import { SEMANTIC_PLACEHOLDER } from "../../../worker/core/query/search-kind.ts";
import type { SearchQuery } from "../../../worker/core/query/search-query.ts";
import { queryParts } from "../../../worker/core/text/query-parts.ts";
import { Tokenizer } from "../../../worker/core/text/tokenizer.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../../../worker/core/settings/settings.ts";

const query = (q: string, over: Partial<SearchQuery> = {}): SearchQuery => ({
  ...SEMANTIC_PLACEHOLDER,
  window: { kind: "slice", offset: 0, limit: 20 },
  q,
  matchingStrategy: "frequency",
  ...over,
});
const wordsOf = (asked: SearchQuery, settings: Partial<IndexSettings> = {}) =>
  droppableWords(asked, { ...DEFAULT_SETTINGS, ...settings })?.words.map(({ start, end }) =>
    asked.q?.slice(start, end),
  );

/** What a query asks for, as Meilisearch reads it. */
const partsOf = (q: string) =>
  queryParts(new Tokenizer(DEFAULT_SETTINGS).tokens(q)).filter(({ isNegative }) => !isNegative);

test("words are what stands between separators", () => {
  expect(wordsOf(query("Universal (U2F) 2nd packa"))).toEqual(["Universal", "U2F", "2nd", "packa"]);
  expect(wordsOf(query("mode Markdown-formatt"))).toEqual(["mode", "Markdown", "formatt"]);
});

test("a stop word is a word where it ends the query", () => {
  const settings = { stopWords: ["the", "a"] };
  expect(wordsOf(query("The cat of a th"), settings)).toEqual(["cat", "of", "th"]);
  expect(wordsOf(query("the cat the"), settings)).toEqual(["cat", "the"]);
  expect(wordsOf(query("the cat"), settings)).toBeUndefined();
});

test("phrases and what must not match stay", () => {
  const asked = query('red "big dog" blue -cat -"old hat" gree');
  expect(wordsOf(asked)).toEqual(["red", "blue", "gree"]);
  const found = droppableWords(asked, DEFAULT_SETTINGS);
  expect(found?.phraseWords).toBe(2);
  const left = partsOf(keptQuery(asked.q ?? "", found?.words ?? [], [1]));
  expect(left.map(({ words, first }) => [words.join(" "), first])).toEqual([
    ["big dog", 1],
    ["blue", 3],
  ]);
});

test.for([
  ["a phrase alone", query('"a b"'), {}],
  ["a phrase of two parts", query('"a. b" c'), {}],
  ["a phrase with a stop word", query('"the cat" c'), { stopWords: ["the"] }],
  ["a phrase without end", query('"a b c'), {}],
  ["one word", query("a"), {}],
  ["camel case", query("fooBar baz"), {}],
  ["another script", query("東京 tower"), {}],
  ["words of several words", query("a b"), { synonyms: { "new york": ["ny"] } }],
  ["rules before words", query("a b"), { rankingRules: ["sort", "words"] }],
  ["a score threshold", query("a b", { rankingScoreThreshold: 0.5 }), {}],
  ["distinct", query("a b", { distinct: "c" }), {}],
  ["another strategy", query("a b", { matchingStrategy: "last" }), {}],
] as const)("%s is left to the nodes", ([, asked, settings]) => {
  expect(wordsOf(asked, settings)).toBeUndefined();
});

test("with a phrase every word may go", () => {
  expect(keptByLevel([5, 9], true)).toEqual([[[0, 1]], [[0]], [[]]]);
});

test.for([
  // A word goes alone where no more frequent one is behind it.
  [
    [5, 9, 1],
    [[[0, 1, 2]], [[0, 2]], [[2]]],
  ],
  [
    [9, 5, 1],
    [
      [[0, 1, 2]],
      [
        [1, 2],
        [0, 2],
      ],
      [[2]],
    ],
  ],
  [[4, 4], [[[0, 1]]]],
  [[0, 3], [[[1]]]],
  [[0, 0], [[[0, 1]]]],
  [
    [2, 7, 7],
    [
      [[0, 1, 2]],
      [
        [0, 2],
        [0, 1],
      ],
      [[0]],
    ],
  ],
  // As one Meilisearch answered `network server tools client`.
  [
    [122, 220, 315, 153],
    [
      [[0, 1, 2, 3]],
      [
        [0, 1, 3],
        [0, 1, 2],
      ],
      [
        [0, 3],
        [0, 1],
      ],
      [[0]],
    ],
  ],
] as const)("counts %j leave %j", ([counts, kept]) => {
  expect(keptByLevel(counts, false)).toEqual(kept);
});

test("many words that may go are too many queries", () => {
  expect(keptByLevel([7, 6, 5, 4, 3, 2, 1], false)).toBeUndefined();
  expect(keptByLevel([0, 6, 5, 4, 3, 2, 1], false)).toBeDefined();
});

test.for(["big red do", "big (red) do", "big-red.do", "(big/red do)"])(
  "a word of %s that goes leaves the others their places, and makes none a beginning",
  (q) => {
    const { words = [] } = droppableWords(query(q), DEFAULT_SETTINGS) ?? {};
    const whole = partsOf(q);
    for (const [at, word] of words.entries()) {
      const kept = [...words.keys()].filter((other) => other !== at);
      const left = partsOf(keptQuery(q, words, kept));
      expect(left.map(({ words: [text], first }) => [text, first])).toEqual(
        whole.filter((_, other) => other !== at).map(({ words: [text], first }) => [text, first]),
      );
      const mayBegin = at < words.length - 1 && word.end < q.length && /\w$/.test(q);
      expect(left.at(-1)?.endsQuery).toBe(mayBegin);
    }
  },
);

test("a word alone is the beginning of one where it ends the query", () => {
  const q = "big red do";
  const { words = [] } = droppableWords(query(q), DEFAULT_SETTINGS) ?? {};
  expect(words.map((word) => wordAlone(q, word))).toEqual(["big ", "red ", "do"]);
});

test.for([
  ["a b c", [0, 1], false],
  ["a b c", [0, 2], true],
  ["a b c", [1], true],
  ["a b c", [0, 1, 2], false],
  ['a "b c" d', [0], false],
  ['a "b c" d', [1], true],
  ['a "b c" d', [], true],
] as const)("of %s the words %j", ([q, kept, expected]) => {
  const words = droppableWords(query(q), DEFAULT_SETTINGS);
  expect(words === undefined ? undefined : hasHole(words, kept)).toBe(expected);
});
