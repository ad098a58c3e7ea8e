import { describe, expect, test } from "vitest";
import { canonicalRules, type RuledQuery } from "../../../worker/core/query/canonical-rules.ts";
import { RuleCompatibility } from "../../../worker/core/query/rule-compatibility.ts";
import { parseSortCriterion } from "../../../worker/core/query/sort-criterion.ts";

const RULES = ["words", "typo", "proximity", "attribute", "sort", "exactness"];

const ruled = (
  rankingRules: readonly string[],
  sort: readonly string[] | null = null,
  over: Partial<RuledQuery> = {},
): RuledQuery => ({
  rankingRules,
  sort: sort?.map((text) => parseSortCriterion(text, "invalid_search_sort")) ?? null,
  matchingStrategy: "last",
  kind: "keyword",
  ...over,
});

/** The message for the second query, or "compatible". */
function judged(...queries: readonly RuledQuery[]): string {
  const compatibility = new RuleCompatibility();
  try {
    for (const [position, query] of queries.entries())
      compatibility.add(query, position, `i${position}`);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "compatible";
}

describe("the ranking rules of federated queries", () => {
  test("opposite custom rules, in Meilisearch's words", () => {
    expect(judged(ruled([...RULES, "population:desc"]), ruled([...RULES, "sku:asc"]))).toBe(
      "The results of queries #0 and #1 are incompatible: \n  1. `queries[0]`, `i0.rankingRules[5]`: descending sort rule(s) population:desc\n  2. `queries[1]`, `i1.rankingRules[5]`: ascending sort rule(s) sku:asc\n  - cannot compare two sort rules in opposite directions\n  - note: The ranking rules of query #0 were modified during canonicalization:\n   1. Removed rule `sort` at position #4 in ranking rules because `query.sort` is empty\n  - note: The ranking rules of query #1 were modified during canonicalization:\n   1. Removed rule `sort` at position #4 in ranking rules because `query.sort` is empty\n",
    );
  });

  test("words against a placeholder that sorts", () => {
    const message = judged(
      ruled(["words", "typo", "sku:asc"]),
      ruled(["words", "typo", "sku:asc"], null, { kind: "placeholder" }),
    );
    expect(message).toContain(
      "`queries[0]`, `i0.rankingRules[0..=1]`: relevancy rule(s) words, typo\n  2. `queries[1]`, `i1.rankingRules[0]`: ascending sort rule(s) sku:asc\n  - cannot compare a relevancy rule with a sort rule\n",
    );
    expect(message).toContain(
      '    1. Removed relevancy rule `words` at position #0 in ranking rules because the query is a placeholder search (`q`: "")\n',
    );
  });

  test.for<[string, RuledQuery, RuledQuery, string]>([
    ["the same rules", ruled(RULES), ruled(RULES), "compatible"],
    ["more rules on one side", ruled(RULES), ruled([...RULES, "a:desc"]), "compatible"],
    [
      "a sort before what the other does not sort by",
      ruled(["words", "sort", "typo"], ["a:asc"]),
      ruled(["words", "sort", "typo"]),
      "compatible",
    ],
    [
      "sorts in one direction by different fields",
      ruled(RULES, ["a:asc"]),
      ruled(RULES, ["b:asc"]),
      "compatible",
    ],
    [
      "a point against a field",
      ruled(RULES, ["_geoPoint(1,2):asc"]),
      ruled(RULES, ["b:asc"]),
      "cannot compare a sort rule with a geosort rule",
    ],
    [
      "points in opposite directions",
      ruled(RULES, ["_geoPoint(1,2):asc"]),
      ruled(RULES, ["_geoPoint(1,2):desc"]),
      "cannot compare two geosort rules in opposite directions",
    ],
    [
      "words against a point",
      ruled(RULES),
      ruled(["sort"], ["_geoPoint(1,2):asc"]),
      "cannot compare a relevancy rule with a geosort rule",
    ],
  ])("%s", ([, first, second, expected]) => {
    expect(judged(first, second)).toContain(expected);
  });

  test("each query is compared with the one that had the most rules", () => {
    const long = ruled(["words", "a:asc"]);
    expect(judged(long, ruled(["words"]), ruled(["words", "b:desc"]))).toContain(
      "The results of queries #0 and #2 are incompatible",
    );
  });
});

describe("the rules as they are run", () => {
  test.for<[string, RuledQuery, readonly string[], readonly string[]]>([
    [
      "`words` comes before the first relevancy rule",
      ruled(["typo", "words"]),
      ["words", "typo", "words"],
      [
        "Prepended rule `words` before first relevancy rule `typo` at position #0 in ranking rules",
        "Removed rule `words` at position #1 in ranking rules because it was previously prepended",
      ],
    ],
    [
      "`words` does nothing when all must match",
      ruled(["words", "typo"], null, { matchingStrategy: "all" }),
      ["typo"],
      [
        "Removed rule `words` at position #0 in ranking rules because `query.matchingWords` is set to `all`",
      ],
    ],
    [
      "a field is sorted by once",
      ruled(["words", "sort", "a:desc"], ["a:asc", "a:desc"]),
      ["words", "sort"],
      [
        "Removed duplicate rule `a:asc` at position #1 in `query.sort` (as `sort` is #1 in ranking rules) as it already appears at position #0 in `query.sort` (as `sort` is #1 in ranking rules)",
        "Removed duplicate rule `a:asc` at position #2 in ranking rules as it already appears at position #0 in `query.sort` (as `sort` is #1 in ranking rules)",
      ],
    ],
    [
      "a vector stands for all relevancy rules",
      ruled(["words", "typo", "a:asc", "exactness", "b:asc"], null, { kind: "vector" }),
      ["words", "a:asc"],
      [
        "Removed relevancy rule `typo` at position #1 in ranking rules because the query is a vector search and `vector` was already inserted at position #0 in ranking rules",
        "Truncated relevancy rule `exactness` at position #3 in ranking rules and later rules because the query is a vector search and `vector` was inserted at position #0 in ranking rules",
      ],
    ],
  ])("%s", ([, query, rules, notes]) => {
    const canonical = canonicalRules(query);
    expect(canonical.rules).toEqual(rules);
    expect(canonical.notes).toBe(notes.map((note, at) => `    ${at + 1}. ${note}\n`).join(""));
  });
});
