/**
 * A search with `rankingScoreThreshold` whose scores fall along the list: nodes are asked without
 * the threshold, and the merged list is cut where the recomputed scores fall below it.
 *
 * The total is one node's: it drops candidates below the threshold as it comes to them, and stops at
 * the last hit wanted. So a full list leaves every candidate counted, and a cut list only itself.
 */
import type { Hit } from "../core/merge/hit.ts";
import { isOneOf } from "../core/query/conditions.ts";
import type { NodeQuery } from "../core/query/plan.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import { TypoMaxima } from "../core/ranking/recompute-score.ts";
import { aboveThreshold } from "../core/ranking/score-order.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { counted, cutsShort, everyCandidate, wantedFacets, type Ranked } from "./candidates.ts";
import { gather, mergedHits } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";

export async function thresholdSearch(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  threshold: number,
  seen: (hit: Hit) => void,
): Promise<Ranked> {
  const unbounded = { ...asked.query, rankingScoreThreshold: null };
  const gathered = await gather(read, index, { ...asked, query: unbounded, exhaustive: false });
  const maxima = new TypoMaxima();
  const found = mergedHits(gathered, asked.limit, (hit) => {
    maxima.see(hit);
    seen(hit);
  });
  const hits = aboveThreshold(found, maxima, threshold);
  const { missing } = gathered;
  if (hits.length < found.length || found.length < asked.limit) {
    const facets = await facetsOf(read, index, asked, hits);
    return { hits, total: hits.length, facets, missing };
  }
  const isWhole = !asked.exhaustive || cutsShort(asked, index, hits.length);
  const all = isWhole ? gathered : await gather(read, index, counted(asked));
  return { hits, total: all.total, facets: wantedFacets(index, asked, all), missing };
}

async function facetsOf(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  hits: readonly Hit[],
): Promise<Ranked["facets"]> {
  if (asked.facets === null || asked.facets.length === 0) return undefined;
  const { primaryKey = "" } = index;
  const keys = hits.flatMap((hit) => documentKey(hit.steps, primaryKey) ?? []);
  const gathered = await gather(read, index, {
    ...everyCandidate(asked),
    conditions: [...asked.conditions, isOneOf(primaryKey, keys)],
  });
  return wantedFacets(index, asked, gathered);
}
