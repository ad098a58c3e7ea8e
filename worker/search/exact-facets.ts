/**
 * Facets of what was gathered, exact also where a facet has more values than nodes list: a second
 * round asks every node for the values that may come among those shown. One request per node and
 * facet, and only for facets ordered by count whose lists were cut.
 */
import { facetCandidates, recounted } from "../core/merge/facet-candidates.ts";
import { facetRules, takesEquality } from "../core/merge/facet-rules.ts";
import { mergeFacets, type NodeFacets } from "../core/merge/facets.ts";
import type { FacetValue } from "../core/merge/facet-values.ts";
import { isOneOf } from "../core/query/conditions.ts";
import type { NodeQuery } from "../core/query/plan.ts";
import { listedValuesMax } from "../core/settings/node-settings.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { gather, gatheredFacets, nodeFacets, type Gathered } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";

/** `asked` is what `gathered` answers; undefined when it asks for no facets. */
export async function exactFacets(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  gathered: Gathered,
): Promise<NodeFacets | undefined> {
  if (asked.facets === null || asked.facets.length === 0) return undefined;
  const { settings } = index;
  const rules = facetRules(settings);
  const parts = nodeFacets(gathered, rules);
  const merged = mergeFacets(parts);
  if (parts.length < 2) return merged;
  const lengthMax = listedValuesMax(settings);
  const values = new Map(merged.values);
  for (const facet of merged.values.keys()) {
    if (rules.orderOf(facet) !== "count" || !takesEquality(facet, settings)) continue;
    const lists = parts.map((part) => ({ values: part.values.get(facet) ?? [], lengthMax }));
    const candidates = facetCandidates(lists, rules.maxValuesPerFacet);
    if (candidates.length > 0) {
      values.set(facet, await recount(read, index, asked, facet, candidates));
    }
  }
  return { values, ranges: merged.ranges };
}

async function recount(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  facet: string,
  candidates: readonly FacetValue[],
): Promise<readonly FacetValue[]> {
  const labels = candidates.map(({ label }) => label);
  const conditions = [...asked.conditions, isOneOf(facet, labels)];
  const { hybrid, rankingScoreThreshold } = asked.query;
  // Without hits where they do not decide what is counted.
  const isCounting = hybrid === null && rankingScoreThreshold === null;
  const shape = isCounting ? { limit: 0, details: false } : {};
  const counted = await gather(read, index, { ...asked, ...shape, facets: [facet], conditions });
  const found = gatheredFacets(counted, facetRules(index.settings));
  return recounted(candidates, found.values.get(facet) ?? []);
}
