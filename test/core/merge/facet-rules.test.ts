import { expect, test } from "vitest";
import { facetRules, isFilterable } from "../../../worker/core/merge/facet-rules.ts";
import { DEFAULT_SETTINGS, type FilterableRule } from "../../../worker/core/settings/settings.ts";

const rule = (pattern: string, equality = true): FilterableRule => ({
  attributePatterns: [pattern],
  features: { facetSearch: false, filter: { equality, comparison: false } },
});

test.for([
  ["a plain name", ["brand"], "brand", true],
  ["what lies within a plain name", ["meta"], "meta.rank", true],
  ["not what only begins alike", ["meta"], "metadata", false],
  ["a pattern does not reach within", [rule("meta")], "meta.rank", false],
  ["a prefix pattern", [rule("meta.*")], "meta.rank", true],
  ["a suffix pattern", [rule("*_id")], "shop_id", true],
  ["an inner pattern", [rule("*hop*")], "shop_id", true],
  ["everything", [rule("*")], "anything", true],
  ["the first rule decides", [rule("price", false), "price"], "price", false],
] as const)("%s", ([, rules, attribute, expected]) => {
  expect(isFilterable(attribute, rules)).toBe(expected);
});

test("the mark is no facet even where everything is filterable", () => {
  const settings = { ...DEFAULT_SETTINGS, filterableAttributes: [rule("*")] };
  expect(facetRules(settings).isVisible("_miroir_shard")).toBe(false);
  expect(facetRules(settings).isVisible("brand")).toBe(true);
});

test("a facet's own order wins over the default order", () => {
  const faceting = {
    maxValuesPerFacet: 5,
    sortFacetValuesBy: { "*": "count", brand: "alpha" },
  } as const;
  const { orderOf } = facetRules({ ...DEFAULT_SETTINGS, faceting });
  expect([orderOf("brand"), orderOf("colour")]).toEqual(["alpha", "count"]);
});
