import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { parseSearchBody } from "../../../worker/core/query/parse-search.ts";
import { parseSearchParams, sortList } from "../../../worker/core/query/parse-search-params.ts";

describe("a search body with a mistake", () => {
  it.each([
    [
      '{"q":1}',
      "invalid_search_q",
      "Invalid value type at `.q`: expected a string, but found a positive integer: `1`",
    ],
    [
      '{"limit":-1}',
      "invalid_search_limit",
      "Invalid value type at `.limit`: expected a positive integer, but found a negative integer: `-1`",
    ],
    [
      '{"limit":1.0}',
      "invalid_search_limit",
      "Invalid value type at `.limit`: expected a positive integer, but found a number: `1.0`",
    ],
    [
      '{"offset":null}',
      "invalid_search_offset",
      "Invalid value type at `.offset`: expected a positive integer, but found null",
    ],
    [
      '{"sort":[1]}',
      "invalid_search_sort",
      "Invalid value type at `.sort[0]`: expected a string, but found a positive integer: `1`",
    ],
    [
      '{"vector":["a"]}',
      "invalid_search_vector",
      'Invalid value type at `.vector[0]`: expected a number, but found a string: `"a"`',
    ],
    [
      '{"matchingStrategy":"x"}',
      "invalid_search_matching_strategy",
      "Unknown value `x` at `.matchingStrategy`: expected one of `last`, `all`, `frequency`",
    ],
    [
      '{"rankingScoreThreshold":2}',
      "invalid_search_ranking_score_threshold",
      "Invalid value at `.rankingScoreThreshold`: the value of `rankingScoreThreshold` is invalid, expected a float between `0.0` and `1.0`.",
    ],
    ['{"hybrid":{}}', "invalid_search_hybrid_query", "Missing field `embedder` inside `.hybrid`"],
    [
      '{"hybrid":{"embedder":1}}',
      "invalid_search_embedder",
      "Invalid value type at `.hybrid.embedder`: expected a string, but found a positive integer: `1`",
    ],
    [
      '{"hybrid":{"embedder":"e","semanticRatio":2}}',
      "invalid_search_semantic_ratio",
      "Invalid value at `.hybrid.semanticRatio`: the value of `semanticRatio` is invalid, expected a float between `0.0` and `1.0`.",
    ],
    [
      '{"filter":1}',
      "invalid_search_filter",
      "Invalid syntax for the filter parameter: `expected String, Array, found: 1`.",
    ],
    [
      '{"filter":[["a",1]]}',
      "invalid_search_filter",
      "Invalid syntax for the filter parameter: `expected String, found: 1`.",
    ],
    [
      '{"useNetwork":false}',
      "feature_not_enabled",
      "passing `useNetwork` in a search query requires enabling the `network` experimental feature. See https://github.com/orgs/meilisearch/discussions/805",
    ],
    ["[]", "bad_request", "Invalid value type: expected an object, but found an array: `[]`"],
  ])("%s: %s", (body, code, message) => {
    expect(() => parseSearchBody(body)).toThrow(expect.objectContaining({ code, message }));
  });

  it("is told the first mistake in its own order", () => {
    expect(() => parseSearchBody('{"limit":-1,"q":1}')).toThrow(/`\.limit`/);
    expect(() => parseSearchBody('{"q":1,"limit":-1}')).toThrow(/`\.q`/);
    expect(() => parseSearchBody('{"filter":1,"limit":-1}')).toThrow(/`\.limit`/);
  });

  it("is told the names that exist", () => {
    expect(() => parseSearchBody('{"limits":1}')).toThrow(
      /^Unknown field `limits`: did you mean `limit`\? expected one of `q`, `offset`, .*, `showPerformanceDetails`$/,
    );
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(() => parseSearchBody(`{"${name}":1}`)).toThrow(`Unknown field \`${name}\``);
    }
  });
});

describe("a search body", () => {
  it("that is empty asks for the defaults", () => {
    expect(parseSearchBody("{}")).toMatchObject({
      q: null,
      window: { kind: "slice", offset: 0, limit: 20 },
      filter: null,
      matchingStrategy: "last",
      cropLength: 10,
      cropMarker: "…",
      highlightPreTag: "<em>",
      highlightPostTag: "</em>",
      hybrid: null,
    });
  });

  it.each([
    ['{"page":2}', { kind: "page", page: 2, hitsPerPage: 20 }],
    ['{"hitsPerPage":5,"limit":1}', { kind: "page", page: 1, hitsPerPage: 5 }],
    ['{"page":null,"offset":3}', { kind: "slice", offset: 3, limit: 20 }],
  ])("%s asks for a window", (body, window) => {
    expect(parseSearchBody(body).window).toEqual(window);
  });

  it("of any JSON is parsed or refused with an error for the client", () => {
    const names = fc.constantFrom(
      "q",
      "limit",
      "filter",
      "sort",
      "hybrid",
      "vector",
      "facets",
      "media",
      "x",
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.jsonValue({ maxDepth: 2 })), (body) => {
        try {
          parseSearchBody(JSON.stringify(body));
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
        }
      }),
    );
  });
});

describe("the parameters of a search", () => {
  it.each([
    [
      "limit=abc",
      "invalid_search_limit",
      "Invalid value in parameter `limit`: could not parse `abc` as a positive integer",
    ],
    [
      "limit=18446744073709551616",
      "invalid_search_limit",
      "Invalid value in parameter `limit`: could not parse `18446744073709551616` as a positive integer",
    ],
    [
      "showRankingScore=TRUE",
      "invalid_search_show_ranking_score",
      "Invalid value in parameter `showRankingScore`: could not parse `TRUE` as a boolean, expected either `true` or `false`",
    ],
    [
      "matchingStrategy=lst",
      "invalid_search_matching_strategy",
      "Unknown value `lst` for parameter `matchingStrategy`: expected one of `last`, `all`, `frequency`",
    ],
    [
      "vector=1,2",
      "missing_search_hybrid",
      "`hybridEmbedder` is mandatory when `vector` is present",
    ],
    [
      "hybridSemanticRatio=0.5",
      "invalid_search_hybrid_query",
      "`hybridEmbedder` is mandatory when `hybridSemanticRatio` is present",
    ],
    [
      "filter=null",
      "invalid_search_filter",
      "Invalid syntax for the filter parameter: `expected String, Array, found: null`.",
    ],
  ])("%s: %s", (query, code, message) => {
    expect(() => parseSearchParams(new URLSearchParams(query))).toThrow(
      expect.objectContaining({ code, message }),
    );
  });

  it("are read as the body would be, the last of equal names winning", () => {
    const query =
      "q=a&q=b&limit=%2B5&filter=%5B%22a%20%3D%201%22%5D&facets=a,,b,&vector=1,.5&hybridEmbedder=e";
    expect(parseSearchParams(new URLSearchParams(query))).toMatchObject({
      q: "b",
      window: { kind: "slice", offset: 0, limit: 5 },
      filter: ["a = 1"],
      facets: ["a", "b"],
      vector: [1, 0.5],
      hybrid: { embedder: "e", semanticRatio: 0.5 },
    });
    expect(parseSearchParams([["filter", "a = 1"]]).filter).toBe("a = 1");
  });

  it.each([
    ["a:asc,b:desc", ["a:asc", "b:desc"]],
    ["_geoPoint(1, 2):asc,b:desc", ["_geoPoint(1,2):asc", "b:desc"]],
    ["a:asc,_geoPoint(1,2):desc", ["a:asc", "_geoPoint(1,2):desc"]],
  ])("sort %s", (text, criteria) => {
    expect(sortList(text)).toEqual(criteria);
  });
});

it("where the network is on, a search may go without it", () => {
  const enabled = { network: true };
  expect(parseSearchBody('{"useNetwork":false}', enabled)).toEqual(parseSearchBody("{}"));
  expect(() => parseSearchBody('{"useNetwork":true}', enabled)).toThrow(
    expect.objectContaining({ code: "miroir_not_supported" }),
  );
});
