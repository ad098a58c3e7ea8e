import fc from "fast-check";
import { expect, test } from "vitest";

import {
  fromStart,
  locatePage,
  pageWindows,
  type KeyWindow,
} from "../../../worker/core/merge/document-windows.ts";
import type { DocumentEntry } from "../../../worker/core/merge/documents.ts";
import type { RankedList } from "../../../worker/core/merge/merge-hits.ts";

const entry = (value: number, list: number): DocumentEntry => ({
  text: "",
  start: value,
  end: value,
  list,
  steps: [{ kind: "sort", rule: "", asc: true, value }],
});

function keysOf(
  values: readonly number[],
  list: number,
  { from, to }: KeyWindow,
): RankedList<DocumentEntry> {
  const shown = values.slice(from, to);
  return { length: shown.length, at: (place) => entry(shown[place] ?? 0, list) };
}

/** Lists of sorted numbers, however uneven. */
const lists = fc.array(
  fc.array(fc.nat(500), { maxLength: 60 }).map((values) => values.toSorted((a, b) => a - b)),
  { minLength: 1, maxLength: 5 },
);

test("a page is only ever the right one, and found once the windows are wide enough", () => {
  fc.assert(
    fc.property(lists, fc.nat(200), fc.nat(40), fc.boolean(), (all, offset, limit, isFromStart) => {
      const whole = all.flat().toSorted((a, b) => a - b);
      fc.pre(offset < whole.length);
      const lengths = all.map((values) => values.length);
      for (let spread = 0.1; ; spread *= 4) {
        const around = pageWindows(lengths, { offset, limit }, spread);
        const windows = isFromStart ? fromStart(around) : around;
        const keys = all.map((values, list) => keysOf(values, list, windows[list] ?? around[0]!));
        const page = locatePage(windows, keys, { offset, limit });
        if (page === undefined) {
          expect(spread).toBeLessThan(1000);
          continue;
        }
        expect(page.map(({ start }) => start)).toEqual(whole.slice(offset, offset + limit));
        return;
      }
    }),
  );
});

test("windows hold the page's share of each list and little more", () => {
  const windows = pageWindows([100_000, 200_000], { offset: 150_000, limit: 30 }, 1);
  for (const [list, { from, to }] of windows.entries()) {
    const share = list === 0 ? 50_000 : 100_000;
    expect(from).toBeLessThan(share);
    expect(to).toBeGreaterThan(share);
    expect(to - from).toBeLessThan(2000);
  }
});

test("windows that begin after the page, or end before its end, prove nothing", () => {
  const windows = [
    { from: 2, to: 3, isLast: false },
    { from: 0, to: 3, isLast: true },
  ];
  const first = keysOf([1, 2, 3, 4], 0, windows[0]!);
  const second = keysOf([5, 6, 7], 1, windows[1]!);
  expect(locatePage(windows, [first, second], { offset: 1, limit: 1 })).toBeUndefined();
  expect(locatePage(windows, [first, second], { offset: 2, limit: 2 })).toBeUndefined();
  expect(locatePage(windows, [first, second], { offset: 2, limit: 1 })?.[0]?.start).toBe(3);
});
