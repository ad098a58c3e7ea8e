/** Search among the values of one facet: every node counts its own documents, and counts add up. */
import type { Filter, MatchingStrategy, SearchQuery } from "../core/query/search-query.ts";
import { facetRules } from "../core/merge/facet-rules.ts";
import { facetSearchBody, mergeFacetHits, readFacetHits } from "../core/merge/facet-hits.ts";
import type { CoverPart } from "../core/placement/covering-set.ts";
import { conjoin, partConditions } from "../core/query/plan.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { inShardOrder, type ReadAnswer } from "./read-answer.ts";
import type { ReadContext } from "./read-context.ts";
import { scatter, type ScatterRequest } from "./scatter.ts";

export interface FacetSearchQuery {
  readonly facetName: string;
  /** Null lists all values; as Meilisearch does, in an order slightly different from that of "". */
  readonly facetQuery: string | null;
  readonly q: string | null;
  readonly filter: Filter | null;
  readonly matchingStrategy: MatchingStrategy;
  readonly attributesToSearchOn: readonly string[] | null;
  readonly hybrid: SearchQuery["hybrid"];
  readonly vector: readonly number[] | null;
  readonly media: SearchQuery["media"];
  readonly rankingScoreThreshold: number | null;
  readonly locales: readonly string[] | null;
  readonly exhaustiveFacetCount: boolean | null;
}

export async function facetSearch(
  read: ReadContext,
  index: IndexEntry,
  query: FacetSearchQuery,
): Promise<ReadAnswer> {
  const startedAt = read.now();
  const { answers, missing } = await scatter(read, index, (part) =>
    facetRequest(index, query, part),
  );
  const lists = inShardOrder(answers).map(({ text }) => readFacetHits(text));
  const rules = facetRules(index.settings);
  const order = rules.orderOf(query.facetName);
  const hits = mergeFacetHits(lists, order, rules.maxValuesPerFacet);
  return { body: facetSearchBody(hits, query.facetQuery, read.now() - startedAt), missing };
}

function facetRequest(index: IndexEntry, query: FacetSearchQuery, part: CoverPart): ScatterRequest {
  const { filter: clientFilter, ...rest } = query;
  const given = Object.entries(rest).filter(([, value]) => value !== null);
  const filter = conjoin(clientFilter, partConditions(part));
  const body = Object.fromEntries(filter === null ? given : [...given, ["filter", filter]]);
  return {
    method: "POST",
    path: `/indexes/${encodeURIComponent(index.physical)}/facet-search`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}
