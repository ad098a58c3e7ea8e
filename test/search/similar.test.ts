import { describe, expect, test } from "vitest";

import { parseSimilarBody } from "../../worker/core/query/parse-similar.ts";
import type { IndexSettings } from "../../worker/core/settings/settings.ts";
import { similarDocuments } from "../../worker/search/similar.ts";
import {
  indexOn,
  nodeIds,
  readContext,
  ScriptedFleet,
  type SentRequest,
} from "./document-fleet.ts";

interface Stored {
  readonly id: string;
  readonly rank: number;
  readonly similarity: number | null;
}

/** Documents of three nodes, as near to the one that is asked for as they say. */
function fleetOf(
  documents: readonly (readonly Stored[])[],
  sortsByRank: boolean,
  cap: number,
): ScriptedFleet {
  return new ScriptedFleet((sent) => {
    if (sent.path.endsWith("/stats"))
      return '{"numberOfEmbeddings":9,"numberOfEmbeddedDocuments":9}';
    if (sent.path.endsWith("/documents/fetch")) return ownDocument(sent);
    return neighbours(documents[Number(sent.node.slice(1))] ?? [], sent, sortsByRank, cap);
  });
}

function ownDocument({ body }: SentRequest): string {
  const isKnown = JSON.stringify(body["ids"]) === '["self"]';
  const own =
    '{"id":"self","_vectors":{"e":{"embeddings":[[0.5,1.0]],"regenerate":false}},"_federation":{"weightedScoreValues":[]}}';
  return `{"results":[${isKnown ? own : ""}],"offset":0,"limit":1,"total":1}`;
}

function neighbours(
  stored: readonly Stored[],
  { body }: SentRequest,
  sortsByRank: boolean,
  cap: number,
): string {
  const { federation, queries } = body as unknown as {
    readonly federation: { readonly limit: number };
    readonly queries: readonly [
      {
        readonly vector: readonly number[];
        readonly filter: unknown;
        readonly rankingScoreThreshold?: number;
      },
    ];
  };
  const [{ vector, filter, rankingScoreThreshold = 0 }] = queries;
  expect(vector).toEqual([0.5, 1]);
  expect(JSON.stringify(filter)).toContain("self");
  const excluded = JSON.stringify(filter);
  const found = stored
    .filter(
      ({ id, similarity }) =>
        (similarity ?? 0) >= rankingScoreThreshold && !excluded.includes(`\\"${id}\\"`),
    )
    .toSorted(
      (a, b) => (sortsByRank && b.rank - a.rank) || (b.similarity ?? 0) - (a.similarity ?? 0),
    );
  const hits = found.slice(0, Math.min(federation.limit, cap)).map(({ id, rank, similarity }) => {
    const ranks = sortsByRank ? [{ sort: { asc: false, value: rank } }] : [];
    const details = sortsByRank ? { "rank:desc": { order: 0, value: rank } } : {};
    return {
      id,
      _federation: {
        weightedScoreValues: [
          ...ranks,
          { vectorSort: similarity ?? 0 },
          { sort: { asc: true, value: id } },
        ],
      },
      _rankingScore: similarity ?? 0,
      _rankingScoreDetails: {
        ...details,
        vectorSort: { order: 1, similarity },
        "id:asc": { order: 2, value: id },
      },
    };
  });
  return JSON.stringify({
    hits,
    processingTimeMs: 1,
    limit: 1,
    offset: 0,
    estimatedTotalHits: stored.length,
  });
}

const RELEVANCY = ["words", "typo", "proximity"];

async function similar(
  body: object,
  documents: readonly (readonly Stored[])[],
  settings: Partial<IndexSettings> = {},
): Promise<Record<string, unknown>> {
  const embedders = { e: { source: "userProvided", dimensions: 2 } };
  const index = indexOn(nodeIds(3), 1, { rankingRules: RELEVANCY, embedders, ...settings });
  const sortsByRank = index.settings.rankingRules[0] === "rank:desc";
  const fleet = fleetOf(documents, sortsByRank, index.settings.pagination.maxTotalHits);
  const query = parseSimilarBody(JSON.stringify({ id: "self", embedder: "e", ...body }));
  const answer = await similarDocuments(readContext(fleet, nodeIds(3), index), index, query);
  return JSON.parse(answer.body) as Record<string, unknown>;
}

const ids = (answer: Record<string, unknown>): string[] =>
  (answer["hits"] as readonly { id: string }[]).map(({ id }) => id);

/** Thirty documents; those that rank first are not those that are near. */
const MANY: readonly (readonly Stored[])[] = [0, 1, 2].map((node) =>
  Array.from({ length: 10 }, (_, place) => ({
    id: `d${node}${place}`,
    rank: place,
    similarity: Math.round(1000 - 97 * place - 13 * node) / 1000,
  })),
);
const NEAREST = MANY.flat()
  .toSorted((a, b) => (b.similarity ?? 0) - (a.similarity ?? 0))
  .map(({ id }) => id);

describe("similar documents", () => {
  test("the nearest of all nodes, as one Meilisearch answers", async () => {
    const answer = await similar({ limit: 4, offset: 1, showRankingScore: true }, MANY);
    expect(ids(answer)).toEqual(NEAREST.slice(1, 5));
    expect(Object.keys(answer)).toEqual([
      "hits",
      "id",
      "processingTimeMs",
      "limit",
      "offset",
      "estimatedTotalHits",
    ]);
    expect(answer).toMatchObject({ id: "self", limit: 4, offset: 1, estimatedTotalHits: 30 });
  });

  test("the time that it took, where the client asks for it", async () => {
    const answer = await similar({ showPerformanceDetails: true }, MANY);
    expect(Object.keys(answer).at(-1)).toBe("performanceDetails");
    expect(answer["performanceDetails"]).toEqual({ search: expect.stringMatching(/^[\d.]+ms$/) });
  });

  test("ranking rules on fields do not matter", async () => {
    const settings = { rankingRules: ["rank:desc", ...RELEVANCY], pagination: { maxTotalHits: 5 } };
    for (const limit of [1, 3, 5]) {
      expect(ids(await similar({ limit }, MANY, settings))).toEqual(NEAREST.slice(0, limit));
    }
  });

  test("maxTotalHits bounds the total and not the hits", async () => {
    const answer = await similar({ limit: 28 }, MANY, { pagination: { maxTotalHits: 5 } });
    expect(ids(answer)).toEqual(NEAREST.slice(0, 28));
    expect(answer["estimatedTotalHits"]).toBe(5);
  });

  test("documents without a vector count and are not shown", async () => {
    const answer = await similar({}, [
      [{ id: "a", rank: 1, similarity: 0.5 }],
      [{ id: "b", rank: 1, similarity: null }],
    ]);
    expect(ids(answer)).toEqual(["a"]);
    expect(answer["estimatedTotalHits"]).toBe(2);
  });

  test("an unknown document is told apart", async () => {
    await expect(similar({ id: "none" }, MANY)).rejects.toMatchObject({
      code: "not_found_similar_id",
      status: 400,
      message: "Document `none` not found.",
    });
  });
});
