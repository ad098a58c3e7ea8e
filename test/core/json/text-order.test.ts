import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareText } from "../../../worker/core/json/text-order.ts";

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom("a", "\ue000", "\uffff", "\ud7ff", "\u{10000}", "\u{1f600}"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  ),
});

test("texts are in the order of their UTF-8 bytes", () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test("a character beyond the basic plane comes after U+FFFF", () => {
  const [within, beyond] = ["\uffff", "\u{10000}"] as const;
  expect(compareText(within, beyond)).toBeLessThan(0);
  expect([within, beyond].toSorted()).toEqual([beyond, within]);
});
