/** Counting the candidates of a search: how many documents one node would say there are. */
import type { ShardId } from "../core/ids.ts";
import type { NodeFacets } from "../core/merge/facets.ts";
import { facetRules } from "../core/merge/facet-rules.ts";
import type { Hit } from "../core/merge/hit.ts";
import type { NodeQuery } from "../core/query/plan.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { gatheredFacets, type Gathered } from "./gather.ts";

export interface Ranked {
  /** The first hits of the whole, at most as many as asked for. */
  readonly hits: readonly Hit[];
  readonly total: number;
  /** Undefined when the query asks for none. */
  readonly facets: NodeFacets | undefined;
  readonly missing: readonly ShardId[];
}

/** The facets of what was gathered, when the query asks for facets. */
export function wantedFacets(
  index: IndexEntry,
  asked: NodeQuery,
  gathered: Gathered,
): NodeFacets | undefined {
  if (asked.facets === null || asked.facets.length === 0) return undefined;
  return gatheredFacets(gathered, facetRules(index.settings));
}

/**
 * Whether one node would stop before it has met the score threshold: it drops candidates below the
 * threshold only as it comes to them, and stops at the last hit wanted. Then every candidate counts.
 * In page mode it goes on to `maxTotalHits`.
 */
export function cutsShort(asked: NodeQuery, index: IndexEntry, hitCount: number): boolean {
  if (asked.query.rankingScoreThreshold === null || hitCount === 0) return false;
  const end = asked.exhaustive ? index.settings.pagination.maxTotalHits : asked.limit;
  return hitCount >= end;
}

/** The candidates counted and not ranked, whatever their score. */
export function everyCandidate(asked: NodeQuery): NodeQuery {
  return {
    ...counted(asked),
    exhaustive: false,
    query: { ...asked.query, rankingScoreThreshold: null },
  };
}

/** The candidates that meet the score threshold, counted; hits are not asked for. */
export function counted(asked: NodeQuery): NodeQuery {
  const exhaustive = asked.query.rankingScoreThreshold !== null;
  // Nearest neighbours are looked up `limit` at a time: with none, no vector meets a threshold.
  const limit = exhaustive && asked.query.hybrid !== null ? asked.limit : 0;
  return { ...asked, limit, exhaustive, details: false, distinct: null };
}
