import { describe, expect, it } from "vitest";
import { checkSimilar } from "../../../worker/core/query/check-similar.ts";
import { parseSimilarBody, parseSimilarParams } from "../../../worker/core/query/parse-similar.ts";

const SIMILAR = {
  id: "1",
  embedder: "e",
  offset: 0,
  limit: 20,
  filter: null,
  attributesToRetrieve: null,
  retrieveVectors: false,
  showRankingScore: false,
  showRankingScoreDetails: false,
  showPerformanceDetails: false,
  rankingScoreThreshold: null,
};

describe("a request for similar documents", () => {
  it("is the same in a body and in a query string", () => {
    expect(parseSimilarBody('{"id":1,"embedder":"e"}')).toEqual(SIMILAR);
    expect(parseSimilarParams(new URLSearchParams("id=1&embedder=e"))).toEqual(SIMILAR);
    const all = {
      id: "a-b",
      embedder: "f",
      offset: 1,
      limit: 2,
      filter: ["a = 1"],
      attributesToRetrieve: ["x", "y"],
      retrieveVectors: true,
      showRankingScore: true,
      showRankingScoreDetails: true,
      showPerformanceDetails: true,
      rankingScoreThreshold: 0.5,
    };
    expect(parseSimilarBody(JSON.stringify(all))).toEqual(all);
    const query = new URLSearchParams(
      Object.entries(all).map(([name, value]) => [
        name,
        name === "filter" ? JSON.stringify(value) : String(value),
      ]),
    );
    expect(parseSimilarParams(query)).toEqual(all);
  });

  it.each([
    ['{"embedder":"e"}', "bad_request", "Missing field `id`"],
    ['{"id":1}', "bad_request", "Missing field `embedder`"],
    [
      '{"id":null,"embedder":"e"}',
      "invalid_similar_id",
      "Invalid value at `.id`: Document identifier `null` is invalid. A document identifier can be of type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 bytes.",
    ],
    [
      '{"id":1,"embedder":null}',
      "invalid_similar_embedder",
      "Invalid value type at `.embedder`: expected a string, but found null",
    ],
    [
      '{"id":1,"embedder":"e","rankingScoreThreshold":1.5}',
      "invalid_similar_ranking_score_threshold",
      "Invalid value at `.rankingScoreThreshold`: the value of `rankingScoreThreshold` is invalid, expected a float between `0.0` and `1.0`.",
    ],
    [
      '{"id":1,"embedder":"e","filter":1}',
      "invalid_similar_filter",
      "Invalid syntax for the filter parameter: `expected String, Array, found: 1`.",
    ],
    [
      '{"id":1,"embedder":"e","limit":"x"}',
      "invalid_similar_limit",
      'Invalid value type at `.limit`: expected a positive integer, but found a string: `"x"`',
    ],
  ])("is refused: %s", (body, code, message) => {
    expect(() => parseSimilarBody(body)).toThrow(expect.objectContaining({ code, message }));
  });

  it.each([
    ["embedder=e", "bad_request", "Missing parameter `id`"],
    ["id=1", "bad_request", "Missing parameter `embedder`"],
    [
      "id=1&embedder=e&rankingScoreThreshold=x",
      "invalid_similar_ranking_score_threshold",
      "Invalid value in parameter `rankingScoreThreshold`: the value of `rankingScoreThreshold` is invalid, expected a float between `0.0` and `1.0`.",
    ],
    ["id=1&embedder=e&retrieveVectors=1", "invalid_similar_retrieve_vectors", undefined],
    ["id=1&embedder=e&q=1", "bad_request", undefined],
  ])("is refused: ?%s", (query, code, message) => {
    const error = { code, ...(message === undefined ? {} : { message }) };
    expect(() => parseSimilarParams(new URLSearchParams(query))).toThrow(
      expect.objectContaining(error),
    );
  });
});

describe("an index whose settings do not allow it", () => {
  const settings = { embedders: { e: { dimensions: 2 } }, filterableAttributes: ["a"] };

  it.each([
    [
      { embedder: "z", filter: "b" },
      "invalid_similar_embedder",
      "Cannot find embedder with name `z`.",
    ],
    [
      { embedder: "e", filter: "a =" },
      "invalid_similar_filter",
      "Was expecting a value but instead got nothing.\n4:4 a =",
    ],
    [
      { embedder: "e", filter: "b = 1" },
      "invalid_similar_filter",
      "Attribute `b` is not filterable. Available filterable attribute patterns are: `a`.\n1:2 b = 1",
    ],
  ])("refuses %j", (query, code, message) => {
    expect(() => checkSimilar(query, settings)).toThrow(expect.objectContaining({ code, message }));
  });

  it("accepts the others", () => {
    expect(() => checkSimilar({ embedder: "e", filter: "a = 1" }, settings)).not.toThrow();
  });
});
