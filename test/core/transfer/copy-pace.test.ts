import fc from "fast-check";
import { expect, test } from "vitest";

import { charged, NO_DEBT, waitMs } from "../../../worker/core/transfer/copy-pace.ts";

interface Page {
  readonly at: number;
  readonly bytes: number;
}

/** Copies side by side in virtual time: each copies a page, pays, and waits as it is told. */
function copiesOf(copies: readonly (readonly number[])[], rate: number): readonly Page[] {
  const heads = copies.map((pages) => ({ pages, next: 0, readyAt: 0 }));
  const copied: Page[] = [];
  let debt = NO_DEBT;
  for (;;) {
    const [head] = heads
      .filter(({ pages, next }) => next < pages.length)
      .toSorted((a, b) => a.readyAt - b.readyAt);
    if (head === undefined) return copied;
    const now = head.readyAt;
    const wait = waitMs(debt, now);
    if (wait > 0) {
      head.readyAt = now + wait;
      continue;
    }
    const bytes = head.pages[head.next] ?? 0;
    head.next += 1;
    copied.push({ at: now, bytes });
    debt = charged(debt, bytes, rate, now);
  }
}

test("a single copy goes at the rate", () => {
  const pages = copiesOf([Array.from({ length: 11 }, () => 1_000_000)], 500_000);
  expect(pages.map(({ at }) => at)).toEqual(Array.from({ length: 11 }, (_, page) => page * 2000));
});

test("time in which nothing was copied is not saved up", () => {
  const debt = charged(NO_DEBT, 1000, 1000, 50_000);
  expect(waitMs(debt, 50_000)).toBe(1000);
  expect(waitMs(debt, 90_000)).toBe(0);
});

test("whatever is copied by however many: never more than the rate, and a page of each", () => {
  const pages = fc.array(fc.integer({ min: 1, max: 4_000_000 }), { maxLength: 20 });
  fc.assert(
    fc.property(
      fc.array(pages, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1000, max: 50_000_000 }),
      (copies, rate) => {
        const copied = copiesOf(copies, rate);
        expect(copied).toHaveLength(copies.flat().length);
        const largest = Math.max(0, ...copies.flat()) * copies.length;
        for (const [first, { at: from }] of copied.entries()) {
          let bytes = 0;
          for (const page of copied.slice(first)) {
            bytes += page.bytes;
            expect(bytes).toBeLessThanOrEqual((rate * (page.at - from)) / 1000 + largest);
          }
        }
      },
    ),
  );
});
