import fc from "fast-check";
import { expect, test } from "vitest";

import { nearWords } from "../../../worker/core/text/edit-distance.ts";

/** Optimal string alignment, by the book. */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_row, i) =>
    Array.from({ length: b.length + 1 }, (_cell, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      let cost = Math.min(
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, at(i - 2, j - 2) + 1);
      rows[i]![j] = cost;
    }
  }
  return at(a.length, b.length);
}

const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 7 });

test("exactly the words within the distance are found, with it", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { maxLength: 40 }),
      word,
      fc.integer({ min: 0, max: 2 }),
      (words, query, max) => {
        const sorted = words.toSorted();
        const expected = sorted
          .map((one) => ({ word: one, distance: distance(query, one) }))
          .filter((near) => near.distance <= max);
        expect(nearWords(sorted, 0, sorted.length, query, max, false)).toEqual(expected);
      },
    ),
  );
});

const WORDS = ["direct", "direction", "directory", "dorect"];

test.for([
  ["direct", 0, ["direct", "direction", "directory"]],
  ["direkt", 1, ["direct", "direction", "directory"]],
  ["driect", 1, ["direct", "direction", "directory"]],
  ["dorec", 0, ["dorect"]],
  ["", 0, WORDS],
  // `directi` is two edits away, but `direct` is nearer to a part of the query: not settled there,
  // and further away in the end. As Meilisearch does.
  ["directori", 2, ["directory"]],
] as const)("%s as the beginning of a word, with %i typos, finds %j", ([query, max, expected]) => {
  const found = nearWords(WORDS, 0, WORDS.length, query, max, true);
  expect(found.map((near) => near.word)).toEqual(expected);
});
