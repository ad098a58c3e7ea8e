import { describe, expect, test } from "vitest";
import { ApiError } from "../../worker/core/errors/api-error.ts";
import { indexUid, nodeId, physicalUid, shardId } from "../../worker/core/ids.ts";
import { parseMultiSearch } from "../../worker/core/query/parse-multi-search.ts";
import type { IndexEntry } from "../../worker/core/topology/topology.ts";
import { federatedSearch } from "../../worker/search/federated-search.ts";
import { multiSearch } from "../../worker/search/multi-search.ts";
import type { AdmittedQuery } from "../../worker/search/query-list.ts";
import {
  answered,
  fleetOf,
  indexOf,
  refused,
  unreachable,
  type Responder,
} from "./read-fixtures.ts";

const options = { requestUid: "019a0000-0000-7000-8000-000000000000", features: {} };

const movies = indexOf();
const books: IndexEntry = {
  ...indexOf({ rankingRules: ["words", "price:desc"] }),
  uid: indexUid("books"),
  physical: physicalUid("books-1"),
};

/** A fleet that has both indexes. */
function libraryOf(responders: Readonly<Record<string, Responder>>) {
  const fleet = fleetOf(responders);
  const indexes = new Map([movies, books].map((index) => [index.uid, index]));
  return { ...fleet, topology: { ...fleet.topology, indexes } };
}

const admitted = (body: object): readonly AdmittedQuery[] =>
  parseMultiSearch(JSON.stringify(body)).queries.map((asked, place) => ({
    asked,
    place,
    restrict: (filter) => filter,
    restrictBehind: (filter) => filter,
  }));

/** A hit as a plain search of a node has it. */
function hitOf(id: number, score: number, rule = "id:asc"): object {
  return {
    id,
    _rankingScore: score,
    _rankingScoreDetails: {
      words: { order: 0, matchingWords: 1, maxMatchingWords: 1, score: 1 },
      typo: { order: 1, typoCount: 0, maxTypoCount: 1, score: 1 },
      proximity: { order: 2, score },
      [rule]: { order: 3, value: id },
    },
  };
}

interface Asked {
  readonly indexUid: string;
  readonly q: string;
  readonly filter?: readonly string[];
}

const bodyOf = (text: unknown): { queries: readonly Asked[]; federation?: object } =>
  JSON.parse(String(text));

/** Answers each query with the hits that `hitsOf` gives it, together or alone. */
const searches =
  (hitsOf: (query: Asked) => readonly object[]): Responder =>
  ({ body }) => {
    const { queries, federation } = bodyOf(body);
    const results = queries.map((query) => ({
      indexUid: query.indexUid,
      hits: hitsOf(query),
      estimatedTotalHits: hitsOf(query).length,
    }));
    return answered(federation === undefined ? { results } : (results[0] ?? {}));
  };

async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ApiError) return `${error.status} ${error.code}: ${error.message}`;
    throw error;
  }
  return "answered";
}

describe("a multi-search", () => {
  const queries = [
    { indexUid: "movies", q: "a", attributesToRetrieve: ["id"] },
    { indexUid: "books", q: "b", limit: 1 },
  ];

  test("asks each node once, and answers each query on its own", async () => {
    const scores: Readonly<Record<string, number>> = { a: 0.9, b: 0.8 };
    const fleet = libraryOf({
      n0: searches(({ q }) => [hitOf(1, scores[q] ?? 0)]),
      n1: searches(({ q }) => [hitOf(2, (scores[q] ?? 0) + 0.05)]),
    });
    const { body, missing } = await multiSearch(fleet, admitted({ queries }), options);
    expect(fleet.asked).toHaveLength(2);
    expect(missing.size).toBe(0);
    expect(JSON.parse(body)).toMatchObject({
      results: [
        { indexUid: "movies", hits: [{ id: 2 }, { id: 1 }], query: "a", estimatedTotalHits: 2 },
        { indexUid: "books", hits: [{ id: 2 }], query: "b", limit: 1 },
      ],
    });
    expect(body.startsWith('{"results":[{"indexUid":"movies","hits":[')).toBe(true);
  });

  test("tells which shards of which index it lacks", async () => {
    const fleet = libraryOf({ n0: searches(() => []), n1: () => unreachable });
    const { missing } = await multiSearch(fleet, admitted({ queries }), options);
    expect([...missing]).toEqual([
      ["movies", [shardId(2)]],
      ["books", [shardId(2)]],
    ]);
  });

  test.for<[string, readonly object[], string]>([
    [
      "an index that is not there",
      [{ indexUid: "movies" }, { indexUid: "nope" }],
      "400 index_not_found: Inside `.queries[1]`: Index `nope` not found.",
    ],
    [
      "the first mistake",
      [{ indexUid: "movies", sort: ["x:asc"] }, { indexUid: "nope" }],
      "400 invalid_search_sort: Inside `.queries[0]`: Index `movies`: Attribute `x` is not sortable. This index does not have configured sortable attributes.",
    ],
    [
      "a filter before its index",
      [{ indexUid: "nope", filter: 1 }],
      "400 invalid_search_filter: Inside `.queries[0]`: Invalid syntax for the filter parameter: `expected String, Array, found: 1`.",
    ],
    [
      "options of a federation",
      [{ indexUid: "nope", federationOptions: {} }],
      "400 invalid_multi_search_federation_options: Inside `.queries[0]`: Using `federationOptions` is not allowed in a non-federated search.\n - Hint: remove `federationOptions` from the query or add `federation` to the request.",
    ],
    [
      "the network",
      [{ indexUid: "movies", useNetwork: false }],
      "400 feature_not_enabled: Inside `.queries[0]`: passing `useNetwork` in a search query requires enabling the `network` experimental feature. See https://github.com/orgs/meilisearch/discussions/805",
    ],
  ])("refuses %s without asking a node", async ([, asked, expected]) => {
    const fleet = libraryOf({});
    const work = multiSearch(fleet, admitted({ queries: asked }), options);
    expect(await refusalOf(work)).toBe(expected);
  });

  test("fails with the first query that a node refuses", async () => {
    const fleet = libraryOf({
      n0: ({ body }) =>
        bodyOf(body).queries.some(({ q }) => q === "b")
          ? refused(400, "invalid_search_filter", "Inside `.queries[0]`: Index `books-1`: no")
          : answered({ hits: [], estimatedTotalHits: 0 }),
      n1: searches(() => []),
    });
    const work = multiSearch(fleet, admitted({ queries }), options);
    expect(await refusalOf(work)).toBe(
      "400 invalid_search_filter: Inside `.queries[1]`: Index `books`: no",
    );
  });
});

describe("a federated search", () => {
  const federated = async (
    fleet: ReturnType<typeof libraryOf>,
    queries: readonly object[],
    federation: object = {},
  ) => {
    const request = parseMultiSearch(JSON.stringify({ queries, federation }));
    if (request.federation === null) throw new Error("a federation");
    return await federatedSearch(fleet, admitted({ queries }), request.federation, options);
  };

  test("puts the hits of all queries in one list, by their weights", async () => {
    const fleet = libraryOf({
      n0: searches(({ q }) => (q === "a" ? [hitOf(1, 0.9), hitOf(2, 0.4)] : [hitOf(1, 0.7)])),
      n1: searches(({ q }) => (q === "a" ? [hitOf(3, 0.6)] : [])),
    });
    const { body } = await federated(fleet, [
      { indexUid: "movies", q: "a" },
      { indexUid: "movies", q: "b", federationOptions: { weight: 2 } },
    ]);
    const { hits } = JSON.parse(body);
    expect(hits).toEqual([
      { id: 1, _federation: { indexUid: "movies", queriesPosition: 1, weightedRankingScore: 1.4 } },
      { id: 3, _federation: { indexUid: "movies", queriesPosition: 0, weightedRankingScore: 0.6 } },
      { id: 2, _federation: { indexUid: "movies", queriesPosition: 0, weightedRankingScore: 0.4 } },
    ]);
  });

  test("counts a document of one index once", async () => {
    const fleet = libraryOf({
      n0: ({ body }) => {
        const { queries } = bodyOf(body);
        const isUnion = queries.length === 2 && textOf(body).includes('"limit":0');
        return isUnion
          ? answered({ hits: [], estimatedTotalHits: 3 })
          : searches(() => [hitOf(1, 0.9)])({
              method: "POST",
              path: "",
              timeoutMs: 1,
              body: textOf(body),
            });
      },
      n1: searches(() => []),
    });
    const { body } = await federated(fleet, [
      { indexUid: "movies", q: "a" },
      { indexUid: "movies", q: "b" },
    ]);
    const { hits, estimatedTotalHits } = JSON.parse(body);
    expect(hits).toHaveLength(1);
    // No more than both queries found.
    expect(estimatedTotalHits).toBe(2);
  });

  test("judges by the client's rules, never by the nodes' own", async () => {
    const fleet = libraryOf({
      n0: searches(({ indexUid: uid }) => [
        hitOf(1, 0.5, uid === "books-1" ? "price:desc" : "id:asc"),
      ]),
      n1: searches(() => []),
    });
    const { body } = await federated(fleet, [
      { indexUid: "movies", q: "a" },
      { indexUid: "books", q: "a" },
    ]);
    expect(JSON.parse(body).hits).toHaveLength(2);
  });

  test.for<[string, readonly object[], object, string]>([
    [
      "filters before what a federated query must not have",
      [
        { indexUid: "movies", limit: 1 },
        { indexUid: "movies", filter: "x =" },
      ],
      {},
      "400 invalid_search_filter: Inside `.queries[1]`: ",
    ],
    [
      "indexes in the order of their uids",
      [{ indexUid: "nope" }, { indexUid: "books", sort: ["x:asc"] }],
      {},
      "400 invalid_search_sort: Inside `.queries[1]`: ",
    ],
    [
      "facets of an index with the place of its first query",
      [{ indexUid: "books" }, { indexUid: "movies" }],
      { facetsByIndex: { movies: ["x"] } },
      "400 invalid_search_facets: Inside `.queries[1]`: Inside `.federation.facetsByIndex.movies`: Invalid facet distribution: Pattern `x` is not filterable.",
    ],
    [
      "facets of an index that no query searches",
      [{ indexUid: "movies" }],
      { facetsByIndex: { nope: null } },
      "400 index_not_found: Inside `.federation.facetsByIndex.nope`: Index `nope` not found.\n - Note: index `nope` is not used in queries",
    ],
    [
      "personalization",
      [{ indexUid: "movies" }],
      { personalize: { userContext: "x" } },
      "400 feature_not_enabled: reranking search results requires",
    ],
    [
      "queries that do not fit together",
      [
        { indexUid: "movies", q: "a" },
        { indexUid: "books", q: "" },
      ],
      {},
      "400 invalid_multi_search_query_ranking_rules: Inside `.queries[0]`: The results of queries #1 and #0 are incompatible: \n",
    ],
  ])("refuses %s", async ([, queries, federation, expected]) => {
    const refusal = await refusalOf(federated(libraryOf({}), queries, federation));
    expect(refusal.slice(0, expected.length)).toBe(expected);
  });

  test("without queries has nothing and asks nothing", async () => {
    const { body } = await federated(libraryOf({}), [], { page: 2, hitsPerPage: 5 });
    expect(JSON.parse(body)).toMatchObject({ hits: [], page: 2, totalPages: 0, totalHits: 0 });
  });

  test("asks the node of a shard that has another replica again", async () => {
    const both = [nodeId("n0"), nodeId("n1")];
    const fleet = libraryOf({ n0: () => unreachable, n1: searches(() => [hitOf(1, 0.5)]) });
    const index = { ...movies, shardMap: [both, both] };
    const topology = { ...fleet.topology, indexes: new Map([[index.uid, index]]) };
    const { body, missing } = await federated({ ...fleet, topology }, [
      { indexUid: "movies", q: "a" },
    ]);
    expect(missing.size).toBe(0);
    expect(JSON.parse(body).hits).toHaveLength(1);
  });
});

/** The body of a node request, which reads send as text. */
function textOf(body: unknown): string {
  return typeof body === "string" ? body : "";
}
