import { describe, expect, test } from "vitest";

import { errorBody } from "../../worker/core/errors/api-error.ts";
import { parseSearchBody } from "../../worker/core/query/parse-search.ts";
import type { NodeClient } from "../../worker/nodes/node-client.ts";
import { searchIndex } from "../../worker/search/search.ts";
import {
  indexOn,
  nodeIds,
  readContext,
  ScriptedFleet,
  type SentRequest,
} from "./document-fleet.ts";

const EMBEDDERS = { e: { source: "userProvided", dimensions: 2 } };

/** Each node has one document that words find and one that vectors find. */
const KEYWORD: Record<string, [id: string, score: number]> = {
  n0: ["k0", 0.95],
  n1: ["k1", 0.92],
  n2: ["k2", 0.4],
};
const SIMILAR: Record<string, [id: string, score: number]> = {
  n0: ["v0", 0.5],
  n1: ["v1", 0.97],
  n2: ["k2", 0.9],
};

interface NodeQueryBody {
  readonly federation: { readonly limit: number };
  readonly queries: readonly [
    { readonly hybrid?: { readonly semanticRatio: number }; readonly vector?: readonly number[] },
  ];
}

function answerOf({ node, body }: SentRequest): string {
  const { federation, queries } = body as unknown as NodeQueryBody;
  const [query] = queries;
  const isSemantic = query.hybrid !== undefined;
  const [id, score] = (isSemantic ? SIMILAR[node] : KEYWORD[node]) ?? ["", 0];
  const element = isSemantic ? { vectorSort: score } : { weightedScore: score };
  const rule = isSemantic
    ? { vectorSort: { order: 0, similarity: score } }
    : { words: { order: 0, matchingWords: 1, maxMatchingWords: 1, score } };
  const hit = {
    id,
    _federation: { weightedScoreValues: [element, { sort: { asc: true, value: id } }] },
    _rankingScore: score,
    _rankingScoreDetails: { ...rule, "id:asc": { order: 1, value: id } },
  };
  return JSON.stringify({
    hits: federation.limit === 0 ? [] : [hit],
    ...(isSemantic ? { queryVectors: { "0": query.vector ?? [0.25, 1] } } : {}),
    processingTimeMs: 1,
    limit: federation.limit,
    offset: 0,
    estimatedTotalHits: isSemantic ? 10 : 1,
  });
}

const index = indexOn(nodeIds(3), 1, { embedders: EMBEDDERS });

async function search(body: object, client: NodeClient): Promise<Record<string, unknown>> {
  const read = readContext(client, nodeIds(3), index);
  const query = parseSearchBody(JSON.stringify(body));
  const outcome = await searchIndex(read, index, query, { requestUid: "r" });
  return JSON.parse(outcome.body) as Record<string, unknown>;
}

const ids = (answer: Record<string, unknown>): unknown[] =>
  (answer["hits"] as readonly { id: string }[]).map(({ id }) => id);

const isSemantic = ({ body }: SentRequest): boolean =>
  (body as unknown as NodeQueryBody).queries[0].hybrid !== undefined;

describe("hybrid search", () => {
  const hybrid = { embedder: "e", semanticRatio: 0.5 };

  test("words alone answer when the first hits of all nodes are good enough", async () => {
    const fleet = new ScriptedFleet(answerOf);
    const answer = await search({ q: "x", hybrid, vector: [1, 0], limit: 2 }, fleet);
    expect(ids(answer)).toEqual(["k0", "k1"]);
    expect(answer).toMatchObject({ estimatedTotalHits: 3, semanticHitCount: 0 });
    expect(fleet.sent.some(isSemantic)).toBe(false);
  });

  test("vectors join when one hit of the page is not", async () => {
    const fleet = new ScriptedFleet(answerOf);
    const answer = await search(
      { q: "x", hybrid, vector: [1, 0], limit: 4, retrieveVectors: true },
      fleet,
    );
    expect(ids(answer)).toEqual(["v1", "k0", "k1", "k2"]);
    expect(answer).toMatchObject({
      estimatedTotalHits: 30,
      semanticHitCount: 2,
      queryVector: [1, 0],
    });
  });

  test("one node embeds the query, and all nodes get its vector", async () => {
    const fleet = new ScriptedFleet(answerOf);
    const answer = await search({ q: "x", hybrid, limit: 5, retrieveVectors: true }, fleet);
    expect(ids(answer)).toHaveLength(5);
    expect(answer["queryVector"]).toEqual([0.25, 1]);
    const vectors = fleet.sent
      .filter(isSemantic)
      .map(({ body }) => (body as unknown as NodeQueryBody).queries[0].vector);
    expect(vectors).toEqual([undefined, [0.25, 1], [0.25, 1], [0.25, 1]]);
  });

  /** A fleet whose embedder fails. */
  function withoutEmbedder(): NodeClient {
    const fleet = new ScriptedFleet(answerOf);
    return {
      send: async (node, request) => {
        const body = typeof request.body === "string" ? request.body : "";
        if (!body.includes("hybrid") || body.includes('"vector"')) return fleet.send(node, request);
        const error = errorBody("vector_embedding_error", "the embedder is down");
        return { kind: "refused", status: 400, error, retryAfterSeconds: undefined };
      },
    };
  }

  test("words alone answer when the embedder fails", async () => {
    const answer = await search({ q: "x", hybrid, limit: 5 }, withoutEmbedder());
    expect(ids(answer)).toEqual(["k0", "k1", "k2"]);
    expect(answer["semanticHitCount"]).toBe(0);
  });

  test("a semantic search fails with its embedder", async () => {
    const asked = search({ q: "x", hybrid: { ...hybrid, semanticRatio: 1 } }, withoutEmbedder());
    await expect(asked).rejects.toMatchObject({ code: "vector_embedding_error", status: 400 });
  });
});

test("a semantic search ranks by similarity over all nodes", async () => {
  const fleet = new ScriptedFleet(answerOf);
  const hybrid = { embedder: "e", semanticRatio: 1 };
  const answer = await search({ q: "x", hybrid, vector: [1, 0], showRankingScore: true }, fleet);
  expect(ids(answer)).toEqual(["v1", "k2", "v0"]);
  expect(answer).toMatchObject({ estimatedTotalHits: 30, semanticHitCount: 3 });
  expect(fleet.sent.every(isSemantic)).toBe(true);
});
