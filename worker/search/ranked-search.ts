/**
 * The merged hits of a search with its total and facets: the first wave of requests, and a second
 * one where a shard's own numbers do not add up to the whole's (distinct, score threshold).
 */
import type { Hit } from "../core/merge/hit.ts";
import { nodeQuery } from "../core/query/plan.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import { scoresFall } from "../core/ranking/score-order.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { cutsShort, everyCandidate, type Ranked } from "./candidates.ts";
import { distinctSearch } from "./distinct-search.ts";
import { exactFacets } from "./exact-facets.ts";
import { gather, mergedHits } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";
import { thresholdSearch } from "./threshold-search.ts";

/** Search all shards for the first `limit` hits. `seen` gets every hit that was looked at. */
export async function rankedSearch(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  limit: number,
  seen: (hit: Hit) => void = () => undefined,
): Promise<Ranked> {
  const asked = nodeQuery(query, limit);
  if (asked.distinct !== null && (limit > 0 || asked.exhaustive)) {
    return distinctSearch(read, index, { ...asked, distinct: asked.distinct }, seen);
  }
  // As Meilisearch does: without hits to choose, distinct takes nothing out of the candidates.
  const { rankingScoreThreshold } = query;
  if (rankingScoreThreshold !== null && scoresFall(index, query)) {
    return thresholdSearch(read, index, { ...asked, distinct: null }, rankingScoreThreshold, seen);
  }
  const gathered = await gather(read, index, { ...asked, distinct: null });
  const hits = mergedHits(gathered, limit, seen);
  const countable = cutsShort(asked, index, hits.length) ? everyCandidate(asked) : undefined;
  const counted = countable === undefined ? gathered : await gather(read, index, countable);
  return {
    hits,
    total: counted.total,
    facets: await exactFacets(read, index, countable ?? asked, counted),
    missing: gathered.missing,
  };
}
