/**
 * A search over one index, answered as one Meilisearch that holds every document would answer it:
 * plan, scatter, merge, render. A cover of a single node skips the merge: that node's answer is the
 * answer (`direct-search.ts`).
 */
import type { ShardId } from "../core/ids.ts";
import { facetMembers } from "../core/merge/facets.ts";
import { facetRules } from "../core/merge/facet-rules.ts";
import type { Hit } from "../core/merge/hit.ts";
import { semanticHits } from "../core/merge/hybrid.ts";
import { neededHits, pageOf } from "../core/merge/page-window.ts";
import { renderHit } from "../core/merge/render-hit.ts";
import { responseText } from "../core/merge/response-text.ts";
import { vectorText } from "../core/merge/vector-text.ts";
import { searchKind } from "../core/query/search-kind.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import { hasHiddenTieRule } from "../core/query/tie-rule.ts";
import { rescaled, TypoMaxima } from "../core/ranking/recompute-score.ts";
import { withPins } from "../core/rules/place-pins.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { directSearch } from "./direct-search.ts";
import { performanceDetails } from "./performance-details.ts";
import { pinnedSearch } from "./pinned-search.ts";
import type { ReadContext } from "./read-context.ts";
import { plannedCover } from "./scatter.ts";
import { withWordMarks } from "./word-marks.ts";

export interface SearchOptions {
  /** UUID v7 of the client's request. */
  readonly requestUid: string;
  /** JSON of the `metadata` member, where the client asked for it. */
  readonly metadata?: string;
}

export interface SearchOutcome {
  /** The whole response as JSON text. */
  readonly body: string;
  /** Shards that no node answered for; the answer is about the others. */
  readonly missing: readonly ShardId[];
}

export async function searchIndex(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  options: SearchOptions,
): Promise<SearchOutcome> {
  const startedAt = read.now();
  const asked = { ...query, distinct: query.distinct ?? index.settings.distinctAttribute };
  const cover = plannedCover(read, index);
  const mayPin = (read.rules ?? []).length > 0;
  if (!mayPin && cover.parts.length === 1 && cover.missing.length === 0) {
    const direct = await directSearch(read, index, asked, options, startedAt);
    if (direct !== undefined) return direct;
  }
  return mergedSearch(read, index, asked, options, startedAt);
}

async function mergedSearch(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  options: SearchOptions,
  startedAt: number,
): Promise<SearchOutcome> {
  const limit = neededHits(query.window, index.settings.pagination.maxTotalHits);
  const maxima = new TypoMaxima();
  const ranked = await pinnedSearch(read, index, query, limit, maxima);
  const hits = pageOf(withPins(ranked.pins, ranked.hits, limit), query.window);
  const page = await withWordMarks(read, index, query, hits);
  const isKeyword = searchKind(query) === "keyword";
  const rules = facetRules(index.settings);
  const body = responseText({
    hits: renderHits(page, index, query, maxima),
    q: query.q,
    queryVector:
      query.retrieveVectors && ranked.vector !== undefined ? vectorText(ranked.vector) : undefined,
    processingTimeMs: read.now() - startedAt,
    performanceDetails: performanceDetails(read, query, startedAt),
    window: query.window,
    total: ranked.total,
    facets:
      ranked.facets === undefined ? undefined : facetMembers(ranked.facets, rules, ranked.total),
    requestUid: options.requestUid,
    metadata: options.metadata,
    // As Meilisearch does: with pins, hits before the page count too.
    semanticHitCount: isKeyword
      ? undefined
      : semanticHits(ranked.pins.length === 0 ? page : ranked.hits),
  });
  return { body, missing: ranked.missing };
}

function renderHits(
  hits: readonly Hit[],
  index: IndexEntry,
  query: SearchQuery,
  maxima: TypoMaxima,
): string {
  const { showRankingScore, showRankingScoreDetails } = query;
  const showsScores = showRankingScore || showRankingScoreDetails;
  const hidesTieRule = hasHiddenTieRule(index, query);
  return hits
    .map((hit) =>
      renderHit(
        hit,
        { showRankingScore, showRankingScoreDetails, hidesTieRule },
        showsScores ? rescaled(hit, maxima) : undefined,
      ),
    )
    .join(",");
}
