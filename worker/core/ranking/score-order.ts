/**
 * Score thresholds at the edge. Nodes compare the threshold with scores on their shards' scale, so
 * what one node holding everything would keep may be dropped; where scores fall along the merged
 * list, the list is cut here instead, by the recomputed scores.
 */
import type { SearchQuery } from "../query/search-query.ts";
import type { IndexEntry } from "../topology/topology.ts";
import { rescaled, type Scored, type TypoMaxima } from "./recompute-score.ts";

const VALUE_RULE = /:(?:asc|desc)$/;

/**
 * Whether a later hit never has a better score: when no rule that sorts by a value, which the score
 * ignores, comes before a relevancy rule.
 */
export function scoresFall(
  index: IndexEntry,
  query: Pick<SearchQuery, "q" | "sort" | "hybrid">,
): boolean {
  // A search without words or vectors has the same score for every hit.
  if (query.hybrid === null && (query.q === null || query.q.trim() === "")) return true;
  const sorts = query.sort !== null && query.sort.length > 0;
  const isByValue = index.settings.rankingRules
    .filter((rule) => rule !== "sort" || sorts)
    .map((rule) => rule === "sort" || VALUE_RULE.test(rule));
  const firstByValue = isByValue.indexOf(true);
  return firstByValue === -1 || !isByValue.includes(false, firstByValue);
}

/** Scores are quotients of whole numbers: closer than this is equal, but for rounding. */
const SCORE_ROUNDING = 1e-10;

/** The first hits, up to the one whose score falls below the threshold. */
export function aboveThreshold<T extends Scored>(
  hits: readonly T[],
  maxima: TypoMaxima,
  threshold: number,
): readonly T[] {
  const end = hits.findIndex((hit) => {
    const score = rescaled(hit, maxima).rankingScore ?? hit.rankingScore ?? 0;
    return score < threshold - SCORE_ROUNDING;
  });
  return end === -1 ? hits : hits.slice(0, end);
}
