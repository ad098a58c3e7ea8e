import { describe, expect, test } from "vitest";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import {
  checkFederatedQuery,
  FacetOrders,
  namedFacets,
} from "../../../worker/core/query/check-federated.ts";
import { parseMultiSearch } from "../../../worker/core/query/parse-multi-search.ts";
import { DEFAULT_SETTINGS } from "../../../worker/core/settings/settings.ts";

function refusal(members: object, federation: object = {}): string {
  const body = { queries: [{ indexUid: "items", ...members }], federation };
  const request = parseMultiSearch(JSON.stringify(body));
  const [query] = request.queries;
  if (query === undefined || request.federation === null) throw new Error("a federated query");
  try {
    checkFederatedQuery(query, request.federation);
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
}

describe("a federated query", () => {
  test.for<[object, object, string]>([
    [
      { limit: 3, facets: ["a"] },
      {},
      "invalid_multi_search_query_pagination: Using pagination options is not allowed in federated queries.\n - Hint: remove `limit` from the query or remove `federation` from the request\n - Hint: pass `federation.limit` and `federation.offset` for pagination in federated search",
    ],
    [
      { hitsPerPage: 3, offset: 0 },
      {},
      "invalid_multi_search_query_pagination: Using pagination options is not allowed in federated queries.\n - Hint: remove `offset` from",
    ],
    [
      { facets: ["a", 'b"c'] },
      {},
      'invalid_multi_search_query_facets: Using facet options is not allowed in federated queries.\n - Hint: remove `facets` from the query or remove `federation` from the request\n - Hint: pass `federation.facetsByIndex.items: ["a", "b\\"c"]` for facets in federated search',
    ],
    [
      { personalize: { userContext: "x" } },
      {},
      "invalid_multi_search_query_personalization: Using `.personalize` is not allowed",
    ],
    [
      { showPerformanceDetails: false },
      {},
      "invalid_multi_search_query_show_performance_details: Using `.showPerformanceDetails` is not allowed",
    ],
    [
      { distinct: "a" },
      { distinct: "b" },
      "invalid_multi_search_distinct: Using `distinct` options is not allowed",
    ],
    [
      { useNetwork: true, federationOptions: { remote: "r" } },
      {},
      "invalid_multi_search_federation_options: Using `.useNetwork` is not allowed as the same time",
    ],
    [
      { useNetwork: false },
      {},
      "feature_not_enabled: passing `useNetwork` in a search query requires enabling the `network` experimental feature.",
    ],
    [
      { federationOptions: { remote: "r" } },
      {},
      "feature_not_enabled: Performing a remote federated search requires enabling",
    ],
    [
      { federationOptions: { queryPosition: 3 } },
      {},
      "feature_not_enabled: Using `federationOptions.queryPosition` requires enabling",
    ],
    [{ facets: [], limit: null, distinct: "a", federationOptions: { weight: 2 } }, {}, "accepted"],
  ])("%j %j", ([members, federation, expected]) => {
    expect(refusal(members, federation).startsWith(expected)).toBe(true);
  });
});

describe("merged facets", () => {
  const ordered = (order: "alpha" | "count") => ({
    ...DEFAULT_SETTINGS,
    faceting: { ...DEFAULT_SETTINGS.faceting, sortFacetValuesBy: { "*": order } },
  });

  test("must have one order in all indexes", () => {
    const orders = new FacetOrders();
    orders.add("a", ordered("alpha"), ["x", "y"]);
    orders.add("b", ordered("count"), ["z"]);
    expect(orders.orderOf("z")).toBe("count");
    expect(() => orders.add("b", ordered("count"), ["y"])).toThrow(
      "Inconsistent order for values in facet `y`: index `a` orders alphabetically, but index `b` orders by count.\n - Hint: Remove `federation.mergeFacets` or change `faceting.sortFacetValuesBy` to be consistent in settings.",
    );
  });

  test("are those whose names the settings tell", () => {
    const settings = { ...DEFAULT_SETTINGS, filterableAttributes: ["brand", "price"] };
    expect(namedFacets(["*"], settings)).toEqual(["brand", "price"]);
    expect(namedFacets(["pri*", "nope"], settings)).toEqual(["price"]);
  });
});
