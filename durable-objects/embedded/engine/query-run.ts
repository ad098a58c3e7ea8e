/** Runs one checked search query on one index. */
import { Place } from "../../../worker/core/decode/place.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { checkSearch } from "../../../worker/core/query/check-search.ts";
import type { EnabledFeatures } from "../../../worker/core/query/features.ts";
import { parseSearchJson } from "../../../worker/core/query/parse-search.ts";
import type { SearchQuery } from "../../../worker/core/query/search-query.ts";
import { parseSortCriterion } from "../../../worker/core/query/sort-criterion.ts";
import type { Json } from "../../../worker/core/decode/json.ts";
import { filteredDocs } from "../filter/evaluate.ts";
import { embeddersOf } from "../index/search-index.ts";
import {
  search,
  type SearchOutcome,
  type SearchRequest,
  type SortCriterion,
} from "../search/search.ts";
import { nodeFilter } from "./filters.ts";
import type { NodeIndex } from "./node-index.ts";

export interface Window {
  readonly limit: number;
  readonly exhaustive: boolean;
}

export function sortOf(query: Pick<SearchQuery, "sort">): SortCriterion[] {
  return (query.sort ?? []).map((text) => {
    const criterion = parseSortCriterion(text, "invalid_search_sort");
    const ascending = !criterion.descending;
    return criterion.kind === "geo"
      ? { kind: "geo", ascending, target: [criterion.lat, criterion.lng] }
      : { kind: "attribute", ascending, field: criterion.field };
  });
}

/** Whether the query is answered by nearness to its vector. */
export function usesVector({ hybrid, vector }: SearchQuery): boolean {
  return hybrid !== null && hybrid.semanticRatio > 0 && vector !== null;
}

/** The vector to search by, or null for a search by words. */
function vectorOf(index: NodeIndex, query: SearchQuery): SearchRequest["vector"] {
  const { hybrid, vector, q } = query;
  if (hybrid === null || hybrid.semanticRatio === 0) return null;
  if (vector === null) {
    if (q === null || q.trim() === "" || hybrid.semanticRatio < 1) return null;
    const { source } = embeddersOf(index.settings).get(hybrid.embedder) ?? {
      source: "userProvided",
    };
    throw new ApiError(
      "vector_embedding_error",
      `Index \`${index.record.uid}\`: While embedding documents for embedder \`${hybrid.embedder}\`: user error: attempt to embed the following text in a configuration where embeddings must be ${source === "userProvided" ? "user provided" : "provided by this node"}:\n  - ${JSON.stringify(q)}`,
    );
  }
  return { embedder: hybrid.embedder, target: Float32Array.from(vector) };
}

export function checkedQuery(index: NodeIndex, value: Json, enabled: EnabledFeatures): SearchQuery {
  const query = parseSearchJson(value, Place.root());
  // The filter is checked apart: it may name Miroir's hidden field.
  checkSearch(query, { uid: index.record.uid, settings: index.settings }, enabled, null);
  return query;
}

export function searchRequest(
  index: NodeIndex,
  query: SearchQuery,
  window: Window,
  enabled: EnabledFeatures,
): SearchRequest {
  const context = {
    code: "invalid_search_filter",
    indexUid: index.record.uid,
    normalForm: true,
  } as const;
  const filter = nodeFilter(index.search, query.filter, context, enabled);
  const { maxTotalHits } = index.settings.pagination;
  return {
    q: query.q,
    universe: filteredDocs(index.search, filter),
    sort: sortOf(query),
    distinct: query.distinct,
    strategy: query.matchingStrategy,
    searchOn: query.attributesToSearchOn,
    threshold: query.rankingScoreThreshold,
    vector: vectorOf(index, query),
    limit: Math.min(window.limit, maxTotalHits),
    exhaustive: window.exhaustive,
    maxTotalHits,
  };
}

export function runQuery(
  index: NodeIndex,
  query: SearchQuery,
  window: Window,
  enabled: EnabledFeatures,
): SearchOutcome {
  return search(index.search, index.synonyms, searchRequest(index, query, window, enabled));
}
