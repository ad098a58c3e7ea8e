import { expect, test } from "vitest";

import { isFilterable } from "../../../worker/core/merge/facet-rules.ts";

/** As Meilisearch does: only what is inside `attributePatterns` is a pattern. */
test.for([
  ["meta", "meta", true],
  ["meta", "meta.rank", true],
  ["meta", "metal", false],
  ["*", "meta", false],
  [{ patterns: ["*"] }, "meta", true],
  [{ patterns: ["meta"] }, "meta.rank", false],
  [{ patterns: ["meta.*"] }, "meta.rank", true],
  [{ patterns: ["*"] }, "_miroir_shard", false],
] as const)("%j makes %s filterable: %j", ([rule, attribute, expected]) => {
  const features = { facetSearch: true, filter: { equality: true, comparison: true } };
  const rules =
    typeof rule === "string" ? [rule] : [{ attributePatterns: rule.patterns, features }];
  expect(isFilterable(attribute, rules)).toBe(expected);
});
