import { expect, test } from "vitest";

import { fieldView } from "../../../worker/core/fields/field-view.ts";
import { isWanted, parseFields } from "../../../worker/core/fields/parse-fields.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../../../worker/core/settings/settings.ts";

const settings: IndexSettings = {
  ...DEFAULT_SETTINGS,
  displayedAttributes: ["id", "meta.x"],
  searchableAttributes: ["zzz", "meta"],
  filterableAttributes: [
    "meta.rank",
    {
      attributePatterns: ["arr*"],
      features: { facetSearch: false, filter: { equality: true, comparison: false } },
    },
  ],
  sortableAttributes: ["_geo", "meta.x.y"],
  rankingRules: ["words", "price:asc", "meta:desc"],
  distinctAttribute: "did",
  localizedAttributes: [{ attributePatterns: ["*r"], locales: ["jpn"] }],
  faceting: { maxValuesPerFacet: 100, sortFacetValuesBy: { "*": "alpha", "meta.rank": "count" } },
};

/** Letters for what is on, as a node of Meilisearch 1.50 says of the same settings. */
function qualities(name: string): string {
  const view = fieldView(name, settings);
  return [
    view.displayed.enabled && "displayed",
    view.searchable.enabled && "searchable",
    view.sortable.enabled && "sortable",
    view.distinct.enabled && "distinct",
    view.rankingRule.enabled && `rank:${view.rankingRule.order}`,
    view.filterable.enabled && "filterable",
    view.filterable.facetSearch && "facetSearch",
    view.filterable.equality && "equality",
    view.filterable.comparison && "comparison",
    view.filterable.sortBy === "count" && "byCount",
    ...view.localized.locales,
  ]
    .filter((word) => word !== false)
    .join(" ");
}

test.for([
  ["_geo", "sortable"],
  ["_geo.lat", "sortable"],
  ["_vectors", ""],
  ["arr", "filterable equality Jpn"],
  ["arr.q", "filterable equality"],
  ["id", "displayed"],
  ["did", "distinct"],
  ["meta", "searchable rank:desc"],
  ["meta.rank", "searchable filterable facetSearch equality comparison byCount"],
  ["meta.x", "displayed searchable"],
  ["meta.x.y", "displayed searchable sortable"],
  ["price", "rank:asc"],
] as const)("%s is %s", ([name, expected]) => {
  expect(qualities(name)).toBe(expected);
});

test("a filter asks for what fields are and are not, and for names", () => {
  const names = ["_geo", "arr", "id", "meta", "meta.rank"];
  const found = (body: string): readonly string[] => {
    const query = parseFields(body);
    return names.filter((name) => isWanted(fieldView(name, settings), query));
  };
  expect(found("{}")).toEqual(names);
  expect(found('{"filter":null}')).toEqual(names);
  expect(found('{"filter":{"filterable":true}}')).toEqual(["arr", "meta.rank"]);
  expect(found('{"filter":{"filterable":true,"searchable":false}}')).toEqual(["arr"]);
  expect(found('{"filter":{"sortable":null,"attributePatterns":["m*"]}}')).toEqual([
    "meta",
    "meta.rank",
  ]);
  // A pattern does not name the fields above it.
  expect(found('{"filter":{"attributePatterns":["meta.rank"]}}')).toEqual(["meta.rank"]);
});

test("mistakes name their place", () => {
  expect(() => parseFields('{"filter":{"foo":1}}')).toThrow(
    "Unknown field `foo` inside `.filter`: expected one of `attributePatterns`, `displayed`, `searchable`, `sortable`, `distinct`, `rankingRule`, `filterable`",
  );
  expect(() => parseFields('{"limit":-1}')).toThrow(
    "Invalid value type at `.limit`: expected a positive integer, but found a negative integer: `-1`",
  );
});
