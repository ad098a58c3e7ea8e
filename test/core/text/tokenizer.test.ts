import { expect, test } from "vitest";

import { Tokenizer } from "../../../worker/core/text/tokenizer.ts";

const STANDARD = { stopWords: [], separatorTokens: [], nonSeparatorTokens: [], dictionary: [] };

test.for([
  [
    'The quick ("brown") fox can\'t jump 32.3 feet, right?',
    "the quick brown fox can t jump 32 3 feet right",
  ],
  ["Éclair naïve ŒUVRE Straße đồng İstanbul ﬁne", "eclair naive oeuvre straße dong istanbul fine"],
  ["C++ c# foo_bar x86_64 e-mail", "c c foo bar x86 64 e mail"],
  ["Ещё Ελληνικός", "ещё ελληνικοσ"],
  ["a=b <c> d|e", "a=b <c> d|e"],
  ["hello…world", "hello ... world"],
  ["non\u00a0breaking", "non breaking"],
] as const)("%s becomes the words %s", ([text, expected]) => {
  const words = new Tokenizer(STANDARD).words(text).map((word) => word.normalize("NFC"));
  expect(words.join(" ")).toBe(expected.normalize("NFC"));
});

test.for([
  [". ", "hard"],
  [", ", "hard"],
  ["!", "hard"],
  [";", "hard"],
  [".", "soft"],
  [",", "soft"],
  [":", "soft"],
  ["-", "soft"],
  ["«", "soft"],
  ["\n", "soft"],
])("%j is a %s separator", ([separator, kind]) => {
  const tokens = new Tokenizer(STANDARD).tokens(`a${separator}b`);
  expect(tokens.map((token) => token.kind)).toEqual(["word", kind, "word"]);
});

test("settings add and remove separators, keep dictionary words whole, and name stop words", () => {
  const tokenizer = new Tokenizer({
    stopWords: ["the"],
    separatorTokens: ["&&"],
    nonSeparatorTokens: ["_", "#"],
    dictionary: ["J. R. R."],
  });
  const tokens = tokenizer.tokens("the a&&b_c C# J. R. R. Tolkien");
  expect(
    tokens.filter(({ kind }) => kind !== "soft").map(({ kind, lemma }) => [kind, lemma]),
  ).toEqual([
    ["stopWord", "the"],
    ["word", "a"],
    ["word", "b_c"],
    ["word", "c#"],
    ["word", "j. r. r."],
    ["word", "tolkien"],
  ]);
});

test("scripts without spaces are cut into words", () => {
  const words = new Tokenizer(STANDARD).words("東京タワーtower ภาษาไทย");
  expect(words.length).toBeGreaterThan(3);
  expect(words).toContain("tower");
});
