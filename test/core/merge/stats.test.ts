import { expect, test } from "vitest";

import {
  averageDocumentSize,
  mergeIndexStats,
  readIndexStats,
} from "../../../worker/core/merge/stats.ts";

const node = (documents: number, fields: Record<string, number>, indexing = false): string =>
  JSON.stringify({
    numberOfDocuments: documents,
    rawDocumentDbSize: documents * 108,
    avgDocumentSize: 100,
    isIndexing: indexing,
    numberOfEmbeddings: documents * 2,
    numberOfEmbeddedDocuments: documents,
    fieldDistribution: { _miroir_shard: documents, ...fields },
  });

const merged = (documents: number, ...nodes: readonly string[]) =>
  mergeIndexStats(nodes.map(readIndexStats), documents);

test("stats of nodes that share no document add up, and the mark is not among them", () => {
  const stats = merged(5, node(2, { b: 2, a: 1 }), node(3, { a: 3, c: 1 }, true));
  expect(stats).toMatchObject({
    numberOfDocuments: 5,
    rawDocumentDbSize: 540,
    isIndexing: true,
    numberOfEmbeddings: 10,
    numberOfEmbeddedDocuments: 5,
  });
  expect([...stats.fieldDistribution]).toEqual([
    ["a", 4],
    ["b", 2],
    ["c", 1],
  ]);
  expect(averageDocumentSize(stats)).toBe(100);
});

test("replicas count once", () => {
  const stats = merged(3, node(2, { a: 2, b: 1 }), node(2, { a: 2 }), node(2, { a: 2, b: 1 }));
  expect([...stats.fieldDistribution]).toEqual([
    ["a", 3],
    ["b", 1],
  ]);
  expect(stats.numberOfEmbeddings).toBe(6);
});

test("with a node missing, what every document has is still exact", () => {
  const stats = merged(30, node(20, { a: 20, b: 10 }), node(25, { a: 25, b: 12 }));
  expect(stats.fieldDistribution.get("a")).toBe(30);
  expect(stats.fieldDistribution.get("b")).toBe(15);
});

test("an empty index has no averages and no fields", () => {
  const stats = merged(0, node(0, {}));
  expect(averageDocumentSize(stats)).toBe(0);
  expect(stats.fieldDistribution.size).toBe(0);
});
