import fc from "fast-check";
import { expect, test } from "vitest";

import { keptPins, withPins } from "../../../worker/core/rules/place-pins.ts";

/** Pins as `[position, hit]`, in the order of precedence. */
function placed(pins: readonly [number, string][], others: string, limit: number): string {
  const all = pins.map(([position, hit]) => ({ position, hit }));
  const kept = keptPins(all, others.length, limit);
  const rest = Array.from(others).slice(0, limit - kept.length);
  return withPins(kept, rest, limit).join("");
}

/** As one Meilisearch 1.50 was seen to answer. */
test.for([
  [[], "abc", 2, "ab"],
  [[[0, "X"]], "abc", 2, "Xa"],
  [[[1, "X"]], "abc", 9, "aXbc"],
  [[[300, "X"]], "abc", 9, "abcX"],
  [[[300, "X"]], "abc", 3, "abc"],
  // A pin that waits for its place keeps those of lower precedence waiting: they miss short pages.
  [
    [
      [5, "X"],
      [0, "Y"],
    ],
    "abc",
    2,
    "ab",
  ],
  [
    [
      [5, "X"],
      [0, "Y"],
    ],
    "abc",
    4,
    "abcX",
  ],
  [
    [
      [5, "X"],
      [0, "Y"],
    ],
    "abc",
    9,
    "YabcX",
  ],
  [
    [
      [1, "X"],
      [1, "Y"],
    ],
    "abc",
    9,
    "aXYbc",
  ],
] as const)("%j among %s, the first %i: %s", ([pins, others, limit, expected]) => {
  expect(
    placed(
      pins.map(([position, hit]) => [position, hit]),
      others,
      limit,
    ),
  ).toBe(expected);
});

test("every hit shows once, others keep their order, and pages are full", () => {
  const pin = fc.record({ position: fc.nat(12), hit: fc.nat() });
  fc.assert(
    fc.property(fc.array(pin, { maxLength: 6 }), fc.nat(12), fc.nat(20), (drawn, count, limit) => {
      const pins = drawn.map(({ position }, at) => ({ position, hit: `pin${at}` }));
      const others = Array.from({ length: count }, (_, at) => `hit${at}`);
      const kept = keptPins(pins, count, limit);
      const hits = withPins(kept, others.slice(0, limit - kept.length), limit);
      expect(new Set(hits).size).toBe(hits.length);
      expect(hits.length).toBe(Math.min(limit, count + pins.length));
      const shown = hits.filter((hit) => hit.startsWith("hit"));
      expect(shown).toEqual(others.slice(0, shown.length));
    }),
  );
});
