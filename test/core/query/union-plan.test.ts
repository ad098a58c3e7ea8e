import { describe, expect, test } from "vitest";
import { SEMANTIC_PLACEHOLDER } from "../../../worker/core/query/search-kind.ts";
import type { SearchQuery } from "../../../worker/core/query/search-query.ts";
import { unionPlan, type UnionMember } from "../../../worker/core/query/union-plan.ts";

const member = (over: Partial<SearchQuery>, conditions: readonly string[] = []): UnionMember => {
  const query = { ...SEMANTIC_PLACEHOLDER, ...over };
  return { query, hasWords: query.q !== null, conditions };
};

describe("the candidates of several queries", () => {
  test("are all documents where one query restricts nothing", () => {
    const plan = unionPlan([member({ filter: " " }), member({ q: "a" })]);
    expect(plan).toEqual({ filtered: null, worded: [] });
  });

  test("of queries without words are those of one filter", () => {
    const filter = ["a = 1", ["b = 2", "c = 3"]];
    const plan = unionPlan([member({ filter }), member({ filter: "d = 4" }, ["e = 5"])]);
    expect(plan.filtered).toEqual([
      "(((a = 1)) AND ((b = 2) OR (c = 3))) OR (((d = 4)) AND ((e = 5)))",
    ]);
    expect(plan.worded).toEqual([]);
  });

  test("of queries with words are counted where the filter does not reach", () => {
    const plan = unionPlan(
      [
        member({ filter: "a = 1" }),
        member({ q: "x", filter: "b = 2", sort: ["p:asc"] }, ["c = 3"]),
      ],
      ["d = 4"],
    );
    expect(plan.worded).toEqual([
      {
        ...SEMANTIC_PLACEHOLDER,
        q: "x",
        filter: ["b = 2", "c = 3", "d = 4", "NOT ((((a = 1))))"],
      },
    ]);
  });

  test("of queries with words alone need no filter", () => {
    const plan = unionPlan([member({ q: "x" }), member({ q: "y" })]);
    expect(plan.filtered).toBeUndefined();
    expect(plan.worded.map(({ q, filter }) => [q, filter])).toEqual([
      ["x", null],
      ["y", null],
    ]);
  });
});
