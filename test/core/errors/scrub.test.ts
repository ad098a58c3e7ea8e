import { describe, expect, test } from "vitest";
import { scrubMessage, scrubRefusal } from "../../../worker/core/errors/scrub.ts";
import { indexOf } from "../../search/read-fixtures.ts";

describe("a node's message in the client's terms", () => {
  test.for([
    [
      "has the client's uid and no place in Miroir's request",
      "Inside `.queries[0]`: Index `movies-1`: bad",
      "Index `movies`: bad",
    ],
    [
      "has no place among federated facets",
      "Inside `.federation.facetsByIndex.movies-1`: Invalid facet distribution",
      "Invalid facet distribution",
    ],
    [
      "has neither of both",
      "Inside `.queries[0]`: Inside `.federation.facetsByIndex.movies-1`: Invalid",
      "Invalid",
    ],
    [
      "lists the client's filterable attributes",
      "x. Available filterable attribute patterns are: `_miroir_shard`, `id`, `meta.rank`.\n2:6 y",
      "x. Available filterable attribute patterns are: `meta.rank`.\n2:6 y",
    ],
    [
      "lists them in one pair of quotes too",
      "x. Available filterable attributes patterns are: `_miroir_shard, brand, id, meta.rank`.",
      "x. Available filterable attributes patterns are: `brand, meta.rank`.",
    ],
    [
      "lists the client's sortable attributes",
      "x. Available sortable attributes are: `id, <..hidden-attributes>`.",
      "x. Available sortable attributes are: `<..hidden-attributes>`.",
    ],
    [
      "says so when the client has none",
      "x. Available sortable attributes are: `id`.",
      "x. This index does not have configured sortable attributes.",
    ],
    [
      "lists no mark among searchable attributes",
      "x. Available searchable attributes are: `_miroir_shard, title`.",
      "x. Available searchable attributes are: `title`.",
    ],
    ["counts the client's rules", "matched rule #2 in", "matched rule #1 in"],
    [
      "quotes the client's condition as it stands alone",
      'x.\n3:7 ("a" = "1") AND ("_miroir_shard" IN ["«»", "»»"])',
      'x.\n2:6 "a" = "1"',
    ],
    [
      "quotes the client's conditions as they stand together",
      'x.\n3:7 ("a" = "1") AND ("b" = "2") AND ("_miroir_shard" IN ["«»"])',
      'x.\n3:7 ("a" = "1") AND ("b" = "2")',
    ],
  ])("%s", ([, message, expected]) => {
    expect(
      scrubMessage(message as string, indexOf({ filterableAttributes: ["brand", "meta.rank"] })),
    ).toBe(expected);
  });
});

describe("a node's refusal", () => {
  const error = {
    message: "Index `movies-1` not found.",
    code: "index_not_found",
    type: "invalid_request",
    link: "l",
  } as const;

  test("keeps status, code, type and link", () => {
    const thrown = scrubRefusal(
      { status: 400, error: { ...error, code: "a_code_of_tomorrow" }, retryAfterSeconds: 10 },
      indexOf(),
    );
    expect(thrown).toMatchObject({ status: 400, retryAfterSeconds: 10 });
    expect(thrown.body()).toEqual({
      message: "Index `movies` not found.",
      code: "a_code_of_tomorrow",
      type: "invalid_request",
      link: "l",
    });
  });

  test("of a missing index is 404, as in a search of that index", () => {
    expect(
      scrubRefusal({ status: 400, error, retryAfterSeconds: undefined }, indexOf()).status,
    ).toBe(404);
  });
});
