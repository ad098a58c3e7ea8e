import fc from "fast-check";
import { expect, test } from "vitest";

import {
  facetCandidates,
  recounted,
  unseenAtMost,
  valueKey,
} from "../../../worker/core/merge/facet-candidates.ts";
import type { FacetValue } from "../../../worker/core/merge/facet-values.ts";
import { mergeFacets, shownValues } from "../../../worker/core/merge/facets.ts";

const text = (label: string, count: number): FacetValue => ({
  label,
  count,
  number: undefined,
  key: label,
});
const number = (value: number, count: number): FacetValue => ({
  label: `${value}`,
  count,
  number: value,
  key: `${value}`,
});

/** What one node lists of its values: numbers first, by count, cut. */
function listed(values: readonly FacetValue[], lengthMax: number) {
  return { values: shownValues([...values], "count", lengthMax, 0).slice(0, lengthMax), lengthMax };
}

const added = (lists: readonly (readonly FacetValue[])[]): FacetValue[] => [
  ...(mergeFacets(
    lists.map((values) => ({ values: new Map([["f", values]]), ranges: new Map() })),
  ).values.get("f") ?? []),
];

test("a value that is low on every node and high in sum is found and counted", () => {
  const left = listed([text("a", 9), text("m", 6), text("b", 1)], 2);
  const right = listed([text("c", 9), text("d", 7), text("m", 6)], 2);
  const candidates = facetCandidates([left, right], 1);
  expect(candidates.map(({ label }) => label)).toContain("m");
});

test("lists that are whole need no second round", () => {
  const lists = [listed([text("a", 2)], 5), listed([text("a", 1), text("b", 1)], 5)];
  expect(facetCandidates(lists, 1)).toEqual([]);
});

test("cut lists need none either where nothing left out can come up", () => {
  const lists = [listed([text("a", 9), text("b", 1), text("c", 1)], 2), listed([text("a", 9)], 2)];
  expect(facetCandidates(lists, 1)).toEqual([]);
});

const counts = fc.dictionary(
  fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"),
  fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 300 })),
  { maxKeys: 12 },
);
const numbers = fc.dictionary(
  fc.constantFrom("1", "2", "3", "4", "5"),
  fc.integer({ min: 1, max: 50 }),
);
const node = fc
  .tuple(counts, fc.oneof(fc.constant({}), numbers))
  .map(([texts, found]) => [
    ...Object.entries(found).map(([label, count]) => number(Number(label), count)),
    ...Object.entries(texts).map(([label, count]) => text(label, count)),
  ]);

test("the counts after the second round are exact, and so is the order, unless an unseen value could come up", () => {
  fc.assert(
    fc.property(
      fc.array(node, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 5 }),
      (nodes, lengthMax, shown) => {
        const lists = nodes.map((values) => listed(values, lengthMax));
        const exact = new Map(added(nodes).map((value) => [valueKey(value), value.count]));
        const candidates = facetCandidates(lists, shown);
        const values =
          candidates.length === 0
            ? added(lists.map((list) => list.values))
            : recounted(candidates, added(nodes));
        const answer = shownValues([...values], "count", shown, 0).slice(0, shown);
        const wanted = shownValues(added(nodes), "count", shown, 0).slice(0, shown);
        const last = Math.min(...wanted.map(({ count }) => count));
        if (unseenAtMost(lists) >= last) return;
        expect(answer).toEqual(wanted);
        for (const value of answer) expect(value.count).toBe(exact.get(valueKey(value)));
      },
    ),
    { numRuns: 2000 },
  );
});
