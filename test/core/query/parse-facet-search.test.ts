import { describe, expect, it } from "vitest";
import { checkFacetSearch } from "../../../worker/core/query/check-facet-search.ts";
import { parseFacetSearchBody } from "../../../worker/core/query/parse-facet-search.ts";
import { parseSearchBody } from "../../../worker/core/query/parse-search.ts";
import { DEFAULT_SETTINGS } from "../../../worker/core/settings/settings.ts";

describe("a facet search", () => {
  it("is a search for everything unless it says more", () => {
    expect(parseFacetSearchBody('{"facetName":"a"}')).toEqual({
      facetName: "a",
      facetQuery: null,
      search: parseSearchBody("{}"),
      exhaustiveFacetCount: false,
    });
  });

  it("takes what belongs to the search, and ignores everything else", () => {
    const search = {
      q: "x",
      filter: "a = 1",
      matchingStrategy: "all",
      attributesToSearchOn: ["t"],
      rankingScoreThreshold: 0.5,
      locales: ["fra"],
      hybrid: { embedder: "e", semanticRatio: 0.1 },
      vector: [1, 2],
    };
    const body = { facetName: "a", facetQuery: "v", exhaustiveFacetCount: true, ...search };
    expect(parseFacetSearchBody(JSON.stringify({ ...body, limit: "x", zzz: 1 }))).toEqual({
      facetName: "a",
      facetQuery: "v",
      search: parseSearchBody(JSON.stringify(search)),
      exhaustiveFacetCount: true,
    });
  });

  it.each([
    ["{}", "missing_facet_search_facet_name", "Missing field `facetName`"],
    [
      '{"facetName":null}',
      "invalid_facet_search_facet_name",
      "Invalid value type at `.facetName`: expected a string, but found null",
    ],
    [
      '{"facetName":"a","facetQuery":1}',
      "invalid_facet_search_query",
      "Invalid value type at `.facetQuery`: expected a string, but found a positive integer: `1`",
    ],
    [
      '{"facetName":"a","exhaustiveFacetCount":1}',
      "invalid_facet_search_exhaustive_facet_count",
      "Invalid value type at `.exhaustiveFacetCount`: expected a boolean, but found a positive integer: `1`",
    ],
    [
      '{"facetName":"a","useNetwork":false,"filter":1}',
      "feature_not_enabled",
      "passing `useNetwork` in a search query requires enabling the `network` experimental feature. See https://github.com/orgs/meilisearch/discussions/805",
    ],
    [
      '{"facetName":"a","q":1}',
      "invalid_search_q",
      "Invalid value type at `.q`: expected a string, but found a positive integer: `1`",
    ],
  ])("is refused: %s", (body, code, message) => {
    expect(() => parseFacetSearchBody(body)).toThrow(expect.objectContaining({ code, message }));
  });
});

describe("an index whose settings do not allow it", () => {
  const settings = {
    ...DEFAULT_SETTINGS,
    filterableAttributes: ["a"],
    searchableAttributes: ["t"],
    embedders: { e: { source: "userProvided", dimensions: 2 } },
  };
  const check = (body: object, changed: object = {}) =>
    checkFacetSearch(parseFacetSearchBody(JSON.stringify({ facetName: "a", ...body })), {
      ...settings,
      ...changed,
    });

  it.each([
    [
      { facetName: "b" },
      "invalid_facet_search_facet_name",
      "Attribute `b` is not facet-searchable. Available facet-searchable attributes patterns are: `a`. To make it facet-searchable add it to the `filterableAttributes` index settings.",
    ],
    [
      { facetName: "b", filter: "b=1" },
      "invalid_search_filter",
      "Attribute `b` is not filterable. Available filterable attribute patterns are: `a`.\n1:2 b=1",
    ],
    [
      { attributesToSearchOn: ["zz"], filter: "b=1" },
      "invalid_search_attributes_to_search_on",
      "Attribute `zz` is not searchable. Available searchable attributes are: `t`.",
    ],
    [{ vector: [1, 2] }, "missing_search_hybrid", undefined],
    [
      { q: "x", hybrid: { embedder: "z" } },
      "invalid_search_embedder",
      "Cannot find embedder with name `z`.",
    ],
  ])("refuses %j", (body, code, message) => {
    const error = { code, ...(message === undefined ? {} : { message }) };
    expect(() => check(body)).toThrow(expect.objectContaining(error));
  });

  it("refuses all when facet search is off", () => {
    expect(() => check({}, { facetSearch: false })).toThrow(
      expect.objectContaining({
        code: "facet_search_disabled",
        message: "The facet search is disabled for this index",
      }),
    );
  });

  it("does not look up words where vectors rank", () => {
    const semantic = { hybrid: { embedder: "e", semanticRatio: 1 }, vector: [1, 2] };
    expect(() => check({ ...semantic, attributesToSearchOn: ["zz"] })).not.toThrow();
  });
});
