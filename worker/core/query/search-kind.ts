/** By what a search ranks: words, vectors, or both. */
import { DEFAULT_CROP } from "./search-defaults.ts";
import type { SearchQuery } from "./search-query.ts";

export type SearchKind = "keyword" | "semantic" | "hybrid";

/** As Meilisearch does: the order of the cases is what decides. */
export function searchKind(
  query: Pick<SearchQuery, "q" | "hybrid" | "vector" | "media">,
): SearchKind {
  const { hybrid } = query;
  const hasWords = query.q !== null && query.q.trim() !== "";
  if (hybrid === null || hybrid.semanticRatio === 0) return "keyword";
  if (!hasWords && query.vector === null && query.media === null) return "keyword";
  if (hybrid.semanticRatio === 1 || !hasWords) return "semantic";
  return "hybrid";
}

/** The search by words alone. */
export function keywordQuery(query: SearchQuery): SearchQuery {
  return { ...query, hybrid: null, vector: null, media: null };
}

const SLICE: SearchQuery["window"] = { kind: "slice", offset: 0, limit: 0 };

/** The search by vectors alone, with a vector that all nodes share. */
export function semanticQuery(
  query: SearchQuery,
  embedder: string,
  vector: readonly number[],
): SearchQuery {
  // As Meilisearch does: with vectors, `distinct` is not counted to the end for pages either.
  const window = query.distinct === null ? query.window : SLICE;
  return { ...query, hybrid: { embedder, semanticRatio: 1 }, vector, media: null, window };
}

/** A search for everything, to which a vector is added. */
export const SEMANTIC_PLACEHOLDER: SearchQuery = {
  q: null,
  window: SLICE,
  filter: null,
  sort: null,
  distinct: null,
  facets: null,
  matchingStrategy: "last",
  attributesToRetrieve: null,
  attributesToSearchOn: null,
  attributesToHighlight: null,
  attributesToCrop: null,
  cropLength: DEFAULT_CROP.length,
  cropMarker: DEFAULT_CROP.marker,
  highlightPreTag: "<em>",
  highlightPostTag: "</em>",
  showMatchesPosition: false,
  showRankingScore: false,
  showRankingScoreDetails: false,
  showPerformanceDetails: false,
  rankingScoreThreshold: null,
  locales: null,
  hybrid: null,
  vector: null,
  media: null,
  retrieveVectors: false,
};
