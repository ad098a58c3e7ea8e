/** The stand-in's answers to reads, with the members that the merge goes by. */
import type { Document, NodeIndex } from "./documents.ts";

type Query = Record<string, unknown>;

const orderOf = (index: NodeIndex, document: Document): object => ({
  asc: true,
  value: document[index.primaryKey ?? "id"],
});

/** A federated search of one query: every document matches, the id decides the order. */
export function federatedAnswer(index: NodeIndex, query: Query, limit: number): string {
  const found = index.matching(query["filter"], "invalid_search_filter");
  const rule = `${index.primaryKey ?? "id"}:asc`;
  const hits = found.slice(0, limit).map((document) => ({
    ...document,
    _federation: {
      indexUid: index.uid,
      queriesPosition: 0,
      weightedRankingScore: 1,
      weightedScoreValues: [{ sort: orderOf(index, document) }],
    },
    _rankingScore: 1,
    _rankingScoreDetails: { [rule]: { order: 0, value: document[index.primaryKey ?? "id"] } },
  }));
  const estimatedTotalHits = found.length;
  return JSON.stringify({ hits, processingTimeMs: 0, limit, offset: 0, estimatedTotalHits });
}

/** A search that needs no merge. */
export function plainAnswer(index: NodeIndex, query: Query): string {
  const found = index.matching(query["filter"], "invalid_search_filter");
  const [offset, limit] = [Number(query["offset"] ?? 0), Number(query["limit"] ?? 20)];
  const hits = found.slice(offset, offset + limit);
  const estimatedTotalHits = found.length;
  return JSON.stringify({
    hits,
    query: "",
    processingTimeMs: 0,
    limit,
    offset,
    estimatedTotalHits,
  });
}

/** A page of documents, each with what it is sorted by. */
export function documentsPage(index: NodeIndex, query: Query): string {
  const found = index.matching(query["filter"], "invalid_document_filter");
  const [offset, limit] = [Number(query["offset"] ?? 0), Number(query["limit"] ?? 20)];
  const results = found.slice(offset, offset + limit).map((document) => ({
    ...document,
    _federation: { weightedScoreValues: [{ sort: orderOf(index, document) }] },
  }));
  return JSON.stringify({ results, offset, limit, total: found.length });
}
