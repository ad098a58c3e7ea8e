import { describe, expect, test } from "vitest";
import { anyOf, hasNoValue, isOneOf, not } from "../../../worker/core/query/conditions.ts";
import {
  conjoin,
  directRequest,
  federatedRequest,
  nodeQuery,
} from "../../../worker/core/query/plan.ts";
import { hasHiddenTieRule } from "../../../worker/core/query/tie-rule.ts";
import { scoresFall } from "../../../worker/core/ranking/score-order.ts";
import { shardId, nodeId } from "../../../worker/core/ids.ts";
import { shardFilter } from "../../../worker/core/placement/shard-mark.ts";
import { indexOf, queryOf } from "../../search/read-fixtures.ts";

const whole = { node: nodeId("n0"), shards: [shardId(0), shardId(1)], needsFilter: false };
const part = { ...whole, needsFilter: true };

const bodyOf = (request: { readonly body: string }): unknown => JSON.parse(request.body);

describe("the request to a node", () => {
  test("is one federated query with details, and nothing at its default", () => {
    const request = federatedRequest(indexOf(), nodeQuery(queryOf({ q: "a" }), 20), whole);
    expect(request).toMatchObject({
      method: "POST",
      path: "/multi-search",
      headers: { "meili-proxy-search": "true" },
    });
    expect(bodyOf(request)).toEqual({
      federation: { offset: 0, limit: 20 },
      queries: [
        { indexUid: "movies-1", q: "a", showRankingScore: true, showRankingScoreDetails: true },
      ],
    });
  });

  test("asks for pages, facets and distinct where the whole needs them", () => {
    const query = queryOf({
      window: { kind: "page", page: 2, hitsPerPage: 5 },
      facets: ["brand"],
      distinct: "sku",
    });
    expect(bodyOf(federatedRequest(indexOf(), nodeQuery(query, 10), whole))).toMatchObject({
      federation: {
        page: 1,
        hitsPerPage: 10,
        facetsByIndex: { "movies-1": ["brand"] },
        distinct: "sku",
      },
    });
  });

  test("keeps to the shards of its part", () => {
    const query = queryOf({ filter: "a = 1" });
    expect(bodyOf(federatedRequest(indexOf(), nodeQuery(query, 1), part))).toMatchObject({
      queries: [{ filter: ["a = 1", shardFilter(part.shards)] }],
    });
    expect(bodyOf(directRequest(indexOf(), query, part))).toMatchObject({
      filter: ["a = 1", shardFilter(part.shards)],
    });
  });

  test("without hits asks for no details", () => {
    const body = federatedRequest(indexOf(), nodeQuery(queryOf({}), 0), whole).body;
    expect(body).not.toContain("showRankingScore");
  });
});

describe("filters", () => {
  test.for([
    [null, [], null],
    ["", [], null],
    ["a = 1", [], "a = 1"],
    [null, ["m"], ["m"]],
    ["  ", ["m"], ["m"]],
    ["a = 1 OR b = 2", ["m"], ["a = 1 OR b = 2", "m"]],
    [["a = 1", ["b = 1", "b = 2"]], ["m"], ["a = 1", ["b = 1", "b = 2"], "m"]],
  ] as const)("%j and %j", ([filter, conditions, expected]) => {
    expect(conjoin(filter, conditions)).toEqual(expected);
  });

  test("quote every name and value", () => {
    expect(isOneOf('a"b', ["x\\", 'y"', 1.5])).toBe(String.raw`"a\"b" IN ["x\\", "y\"", 1.5]`);
    expect(anyOf([not(isOneOf("a", [1])), hasNoValue("b")])).toBe(
      '(NOT ("a" IN [1])) OR ("b" NOT EXISTS OR "b" IS NULL OR "b" IS EMPTY)',
    );
  });
});

describe("the same request as a query among others", () => {
  test("has its window, facets and conditions of its own", () => {
    const asked = { ...nodeQuery(queryOf({ q: "a", facets: ["c"] }), 7), conditions: ["b = 1"] };
    const { alone } = federatedRequest(indexOf(), asked, whole);
    expect(JSON.parse(alone?.() ?? "")).toEqual({
      indexUid: "movies-1",
      q: "a",
      filter: ["b = 1"],
      facets: ["c"],
      offset: 0,
      limit: 7,
      showRankingScore: true,
      showRankingScoreDetails: true,
    });
    const paged = nodeQuery(queryOf({ window: { kind: "page", page: 2, hitsPerPage: 3 } }), 6);
    const { alone: page } = federatedRequest(indexOf(), paged, whole);
    expect(JSON.parse(page?.() ?? "")).toMatchObject({ page: 1, hitsPerPage: 6 });
  });

  test.for([
    ["vectors", {}, { hybrid: { embedder: "e", semanticRatio: 1 } }, false],
    ["distinct values", {}, { distinct: "c" }, false],
    ["a primary key that is not displayed", { displayedAttributes: ["title"] }, {}, false],
    [
      "a sort that is not displayed",
      { displayedAttributes: ["id"] },
      { sort: ["price:asc"] },
      false,
    ],
    [
      "a sort that is displayed",
      { displayedAttributes: ["id", "price"] },
      { sort: ["price:asc", "_geoPoint(1, 2):asc"] },
      true,
    ],
  ] as const)("is there where its result tells all: %s", ([, settings, query, isThere]) => {
    const { alone } = federatedRequest(indexOf(settings), nodeQuery(queryOf(query), 5), whole);
    expect(alone !== undefined).toBe(isThere);
  });
});

describe("the hidden tie rule", () => {
  test.for([
    ["is there by default", [], null, true],
    ["gives way to a rule of the client's", ["id:desc"], null, false],
    ["gives way to a sort by the client", [], ["id:desc"], false],
    ["stays beside a sort by another field", [], ["idx:asc"], true],
  ] as const)("%s", ([, rules, sort, expected]) => {
    const index = indexOf({ rankingRules: ["words", "sort", ...rules] });
    expect(hasHiddenTieRule(index, { sort })).toBe(expected);
  });

  test("stays when the client's rules have no sort to apply", () => {
    expect(hasHiddenTieRule(indexOf({ rankingRules: ["words"] }), { sort: ["id:asc"] })).toBe(true);
  });
});

describe("scores along the list", () => {
  test.for([
    ["fall by relevancy rules", ["words", "typo", "sort", "exactness"], null, true],
    ["fall when values decide last", ["words", "exactness", "price:asc"], null, true],
    ["do not fall when values decide first", ["price:asc", "words"], null, false],
    [
      "do not fall when a sort comes before a rule",
      ["words", "sort", "exactness"],
      ["a:asc"],
      false,
    ],
    ["fall when a sort comes last", ["words", "exactness", "sort"], ["a:asc"], true],
  ] as const)("%s", ([, rankingRules, sort, expected]) => {
    expect(scoresFall(indexOf({ rankingRules }), queryOf({ q: "a", sort }))).toBe(expected);
  });

  test("are all the same without words", () => {
    const index = indexOf({ rankingRules: ["price:asc", "words"] });
    expect(scoresFall(index, queryOf({ q: " " }))).toBe(true);
  });
});
