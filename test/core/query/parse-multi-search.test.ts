import { describe, expect, test } from "vitest";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { ownWindow, parseMultiSearch } from "../../../worker/core/query/parse-multi-search.ts";

const refusal = (body: unknown): string => {
  try {
    parseMultiSearch(JSON.stringify(body));
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
};

const query = (members: object): object => ({ queries: [{ indexUid: "a", ...members }] });
const federation = (value: unknown): object => ({ queries: [], federation: value });

describe("the body of a multi-search", () => {
  test.for<[unknown, string]>([
    [{}, "bad_request: Missing field `queries`"],
    [
      { queries: null },
      "bad_request: Invalid value type at `.queries`: expected an array, but found null",
    ],
    [
      { queries: [], x: 1 },
      "bad_request: Unknown field `x`: expected one of `queries`, `federation`",
    ],
    [{ queries: [{}] }, "missing_index_uid: Missing field `indexUid` inside `.queries[0]`"],
    [
      { queries: [{ indexUid: "a b" }] },
      "invalid_index_uid: Invalid value at `.queries[0].indexUid`: `a b` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.",
    ],
    [
      query({ limit: "x" }),
      'invalid_search_limit: Invalid value type at `.queries[0].limit`: expected a positive integer, but found a string: `"x"`',
    ],
    [
      query({ federationOptions: 1 }),
      "bad_request: Invalid value type at `.queries[0].federationOptions`: expected an object, but found a positive integer: `1`",
    ],
    [
      query({ federationOptions: { x: 1 } }),
      "bad_request: Unknown field `x` inside `.queries[0].federationOptions`: expected one of `weight`, `remote`, `queryPosition`",
    ],
    [
      query({ federationOptions: { weight: -1 } }),
      "invalid_multi_search_weight: Invalid value at `.queries[0].federationOptions.weight`: the value of `weight` is invalid, expected a positive float (>= 0.0).",
    ],
    [
      query({ federationOptions: { queryPosition: "x" } }),
      'invalid_multi_search_query_position: Invalid value type at `.queries[0].federationOptions.queryPosition`: expected a positive integer, but found a string: `"x"`',
    ],
    [
      federation(1),
      "bad_request: Invalid value type at `.federation`: expected an object, but found a positive integer: `1`",
    ],
    [
      federation({ limit: null }),
      "invalid_search_limit: Invalid value type at `.federation.limit`: expected a positive integer, but found null",
    ],
    [
      federation({ facetsByIndex: { "a b": [] } }),
      'invalid_multi_search_facets_by_index: Invalid value at `.federation.facetsByIndex`: the key "a b" could not be deserialized into the key type `meilisearch_types::index_uid::IndexUid`',
    ],
    [
      federation({ facetsByIndex: { a: [1] } }),
      "invalid_multi_search_facets_by_index: Invalid value type at `.federation.facetsByIndex.a[0]`: expected a string, but found a positive integer: `1`",
    ],
    [
      federation({ mergeFacets: { x: 1 } }),
      "invalid_multi_search_merge_facets: Unknown field `x` inside `.federation.mergeFacets`: expected one of `maxValuesPerFacet`",
    ],
    [
      federation({ mergeFacets: { maxValuesPerFacet: -1 } }),
      "invalid_multi_search_max_values_per_facet: Invalid value type at `.federation.mergeFacets.maxValuesPerFacet`: expected a positive integer, but found a negative integer: `-1`",
    ],
    [query({ limit: null, offset: null, federationOptions: null, filter: 1 }), "accepted"],
    [federation({ page: null, mergeFacets: null, distinct: null, personalize: null }), "accepted"],
  ])("%j", ([body, expected]) => {
    expect(refusal(body)).toBe(expected);
  });

  test("an unknown field of a query is told with the names in Meilisearch's order", () => {
    expect(refusal(query({ nope: 1 }))).toMatch(
      /^bad_request: Unknown field `nope` inside `\.queries\[0\]`: expected one of `indexUid`, `q`, `offset`, .*`showPerformanceDetails`, `federationOptions`$/,
    );
  });

  test("what is absent has Meilisearch's defaults", () => {
    const { queries, federation: none } = parseMultiSearch(JSON.stringify(query({})));
    expect(none).toBeNull();
    const [only] = queries;
    expect(only && ownWindow(only)).toEqual({ kind: "slice", offset: 0, limit: 20 });
    const parsed = parseMultiSearch(JSON.stringify(federation({ hitsPerPage: 3 })));
    expect(parsed.federation?.window).toEqual({ kind: "page", page: 1, hitsPerPage: 3 });
    const weighed = parseMultiSearch(JSON.stringify(query({ federationOptions: {} })));
    expect(weighed.queries[0]?.federationOptions?.weight).toBe(1);
  });
});
