import { describe, expect, test } from "vitest";

import { decodeHit, type Hit } from "../../../worker/core/merge/hit.ts";
import {
  documentVectors,
  neighboursOf,
  renderSimilar,
  similarPage,
} from "../../../worker/core/merge/similar.ts";
import { cosineSimilarity, slotNeighbours } from "../../../worker/core/merge/slot-similarity.ts";

function hitOf(
  id: string,
  similarity: number | null,
  vectors?: readonly (readonly number[])[],
): Hit {
  const hit = {
    id,
    ...(vectors === undefined
      ? {}
      : { _vectors: { e: { embeddings: vectors, regenerate: false } } }),
    _federation: { weightedScoreValues: [{ vectorSort: similarity ?? 0 }] },
    _rankingScore: similarity ?? 0,
    _rankingScoreDetails: {
      "rank:asc": { order: 0, value: 7 },
      vectorSort: { order: 1, similarity },
      "id:asc": { order: 2, value: id },
    },
  };
  return decodeHit(JSON.stringify(hit), 0);
}

const OPTIONS = { showRankingScore: false, showRankingScoreDetails: false, retrieveVectors: false };

describe("vectors of a document", () => {
  test.for([
    [
      '{"e":{"embeddings":[[0.1,-2.0],[3,4]],"regenerate":false}}',
      [
        [0.1, -2],
        [3, 4],
      ],
    ],
    ['{"e":{"embeddings":[0.5,1],"regenerate":true}}', [[0.5, 1]]],
    ['{"e":{"embeddings":[],"regenerate":false}}', []],
    ['{"e":null}', []],
    ['{"other":{"embeddings":[[1]]}}', []],
  ] as const)("%s", ([text, vectors]) => {
    expect(documentVectors(text, "e")).toEqual(vectors);
  });
});

describe("a neighbour for the client", () => {
  const [neighbour] = neighboursOf([hitOf("a", 0.75, [[1]])]);
  if (neighbour === undefined) throw new Error("a hit with a similarity is a neighbour");

  test("shows the similarity alone, where asked", () => {
    expect(renderSimilar(neighbour, OPTIONS)).toBe('{"id":"a"}');
    expect(
      renderSimilar(neighbour, {
        ...OPTIONS,
        showRankingScore: true,
        showRankingScoreDetails: true,
      }),
    ).toBe(
      '{"id":"a","_rankingScore":0.75,"_rankingScoreDetails":{"vectorSort":{"order":0,"similarity":0.75}}}',
    );
  });

  test("shows vectors only where asked", () => {
    expect(renderSimilar(neighbour, { ...OPTIONS, retrieveVectors: true })).toBe(
      '{"id":"a","_vectors":{"e":{"embeddings":[[1]],"regenerate":false}}}',
    );
  });

  test("has a vector", () => {
    expect(neighboursOf([hitOf("a", null)])).toEqual([]);
  });
});

describe("the page", () => {
  const all = neighboursOf([hitOf("a", 0.9), hitOf("b", 0.8), hitOf("c", 0.7), hitOf("d", 0.6)]);
  test.for([
    [{ offset: 1, limit: 2, rankingScoreThreshold: null }, 2, 100],
    [{ offset: 1, limit: 3, rankingScoreThreshold: 0.75 }, 1, 2],
    [{ offset: 0, limit: 2, rankingScoreThreshold: 0.75 }, 2, 100],
    [{ offset: 2, limit: 2, rankingScoreThreshold: 0.75 }, 0, 2],
    [{ offset: 9, limit: 2, rankingScoreThreshold: 0.75 }, 0, 100],
  ] as const)("%j shows %i of %i", ([page, shown, total]) => {
    const found = similarPage(all, page, 100);
    expect(found.page).toHaveLength(shown);
    expect(found.total).toBe(total);
  });
});

describe("documents with several vectors", () => {
  const target = (...vectors: readonly (readonly number[])[]) => ({
    name: "e",
    embedder: {},
    vectors,
    primaryKey: "id",
  });
  const ids = (lists: readonly (readonly Hit[])[], own: ReturnType<typeof target>): unknown[] =>
    slotNeighbours(lists, own).map(({ hit, similarity }) => [JSON.parse(hit.text).id, similarity]);

  test("are as near as their vectors of the same place", () => {
    const crossed = hitOf("crossed", 1, [
      [0, 1],
      [1, 0],
    ]);
    const straight = hitOf("straight", 1, [
      [1, 0],
      [-1, 0],
    ]);
    expect(ids([[crossed, straight], [straight]], target([1, 0], [0, 1]))).toEqual([
      ["straight", 1],
      ["crossed", 0.5],
    ]);
  });

  test("a place that only one of them has does not count", () => {
    const single = hitOf("single", 1, [[-1, 0]]);
    expect(ids([[single], [single]], target([1, 0], [-1, 0]))).toEqual([["single", 0]]);
  });

  test("without vectors to measure, the node's word stands", () => {
    expect(ids([[hitOf("hidden", 0.7)]], target([1, 0], [0, 1]))).toEqual([["hidden", 0.7]]);
    expect(ids([[hitOf("one", 0.7, [[1, 0]])]], target([0, 1]))).toEqual([["one", 0.7]]);
  });

  test("similarity goes from 1 to 0", () => {
    expect(cosineSimilarity([1, 0], [2, 0])).toBe(1);
    expect(cosineSimilarity([1, 0], [0, 3])).toBe(0.5);
    expect(cosineSimilarity([1, 0], [-2, 0])).toBe(0);
    expect(cosineSimilarity([0, 0], [1, 0])).toBe(1);
  });
});
