/**
 * A search in which rules pin documents: those are left out of it, found on their own, and placed
 * among its hits. Both together are the candidates, so totals and facets are sums.
 */
import { mergeFacets, type NodeFacets } from "../core/merge/facets.ts";
import type { FacetValue } from "../core/merge/facet-values.ts";
import { facetRules } from "../core/merge/facet-rules.ts";
import type { Hit } from "../core/merge/hit.ts";
import { anyOf, hasNoValue, isOneOf, not } from "../core/query/conditions.ts";
import { conjoin, nodeQuery, type NodeQuery } from "../core/query/plan.ts";
import { keywordQuery, searchKind } from "../core/query/search-kind.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import type { TypoMaxima } from "../core/ranking/recompute-score.ts";
import { keptPins, type Pinned } from "../core/rules/place-pins.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { counted } from "./candidates.ts";
import { gather, gatheredFacets } from "./gather.ts";
import { pinnedDocuments, type PinnedDocuments } from "./pinned-documents.ts";
import type { ReadContext } from "./read-context.ts";
import { searchByKind, type SemanticRanked } from "./semantic.ts";

/** Hits that are not pinned, and beside them those that are. */
export interface PinnedRanked extends SemanticRanked {
  /** Those among the first `limit`, by position. */
  readonly pins: readonly Pinned<Hit>[];
  /** All documents that are pinned; undefined for none. */
  readonly pinned: PinnedDocuments | undefined;
}

export async function pinnedSearch(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  limit: number,
  maxima: TypoMaxima,
): Promise<PinnedRanked> {
  const pinned = await pinnedDocuments(read, index, query);
  if (pinned === undefined) {
    const ranked = await searchByKind(read, index, query, limit, maxima);
    return { ...ranked, pins: [], pinned };
  }
  const others = withoutPinned(index, query, pinned);
  const foremost = keptPins(pinned.pins, Infinity, limit).length;
  const ranked = await searchByKind(read, index, others, limit, maxima, limit - foremost);
  const pins = keptPins(pinned.pins, ranked.hits.length, limit);
  const added = await addedByPins(read, index, others, pinned);
  return {
    ...ranked,
    hits: ranked.hits.slice(0, limit - pins.length),
    total: ranked.total + added.total,
    facets: ranked.facets === undefined ? undefined : mergeFacets([ranked.facets, added.facets]),
    missing: [...new Set([...ranked.missing, ...pinned.missing])].sort((a, b) => a - b),
    pins,
    pinned,
  };
}

function withoutPinned(index: IndexEntry, query: SearchQuery, { ids }: PinnedDocuments) {
  const condition = not(isOneOf(index.primaryKey ?? "", ids));
  return { ...query, filter: conjoin(query.filter, [condition]) };
}

/**
 * What pinned documents add to totals and facets. All of them count; but with pages, distinct is
 * judged for every candidate, and only those count whose value no other candidate has.
 */
async function addedByPins(
  read: ReadContext,
  index: IndexEntry,
  others: SearchQuery,
  { pins, ids, facets }: PinnedDocuments,
): Promise<{ readonly total: number; readonly facets: NodeFacets }> {
  const { distinct } = others;
  const isExhaustive = others.window.kind === "page" && searchKind(others) === "keyword";
  if (distinct === null || !isExhaustive) return { total: pins.length, facets };
  const rules = { ...facetRules(index.settings), isVisible: () => true };
  const base = { ...counted(nodeQuery(keywordQuery(others), 0)), facets: [distinct] };
  const all = { ...base, query: { ...base.query, q: null, filter: null } };
  const own = isOneOf(index.primaryKey ?? "", ids);
  const valuesOf = async (query: NodeQuery): Promise<readonly FacetValue[]> =>
    gatheredFacets(await gather(read, index, query), rules).values.get(distinct) ?? [];
  const values = await valuesOf({ ...all, conditions: [own] });
  const isShared = isOneOf(
    distinct,
    values.map(({ label }) => label),
  );
  const known = values.length === 0 ? [] : await valuesOf({ ...base, conditions: [isShared] });
  const keys = new Set(known.map(({ key }) => key));
  const added = values.filter(({ key }) => !keys.has(key)).map(({ label }) => label);
  const counts = anyOf([
    hasNoValue(distinct),
    ...(added.length === 0 ? [] : [isOneOf(distinct, added)]),
  ]);
  const gathered = await gather(read, index, {
    ...all,
    facets: others.facets,
    conditions: [own, counts],
  });
  const valueless = await gather(read, index, {
    ...all,
    facets: null,
    conditions: [own, hasNoValue(distinct)],
  });
  return {
    total: added.length + valueless.total,
    facets: gatheredFacets(gathered, facetRules(index.settings)),
  };
}
