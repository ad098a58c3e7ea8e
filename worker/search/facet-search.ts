/** Search among the values of one facet: every node counts its own documents, and counts add up. */
import { distinctValues } from "../core/merge/distinct-values.ts";
import {
  facetSearchBody,
  mergeFacetHits,
  readFacetHits,
  slowestMs,
} from "../core/merge/facet-hits.ts";
import { facetRules } from "../core/merge/facet-rules.ts";
import type { CoverPart } from "../core/placement/covering-set.ts";
import { anyOf, isOneOf, not } from "../core/query/conditions.ts";
import type { FacetSearchQuery } from "../core/query/parse-facet-search.ts";
import { conjoin, partConditions, passedParameters } from "../core/query/plan.ts";
import { SEARCH_LIMIT_DEFAULT } from "../core/query/search-defaults.ts";
import { searchKind } from "../core/query/search-kind.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { rankedSearch } from "./ranked-search.ts";
import { inShardOrder, type ReadAnswer } from "./read-answer.ts";
import type { ReadContext } from "./read-context.ts";
import { scatter, type ScatterRequest } from "./scatter.ts";

export async function facetSearch(
  read: ReadContext,
  index: IndexEntry,
  query: FacetSearchQuery,
): Promise<ReadAnswer> {
  const asked = await withWholeCandidates(read, index, query);
  const { answers, missing } = await scatter(read, index, (part) =>
    facetRequest(index, asked, part),
  );
  const texts = inShardOrder(answers).map(({ text }) => text);
  const rules = facetRules(index.settings);
  const order = rules.orderOf(query.facetName);
  const hits = mergeFacetHits(texts.map(readFacetHits), order, rules.maxValuesPerFacet);
  return { body: facetSearchBody(hits, query.facetQuery, slowestMs(texts)), missing };
}

/**
 * The query whose candidates add up to those of one node. As Meilisearch does: a search by words
 * looks at the first hits, and duplicates and hits below the threshold that it meets on the way are
 * no candidates. On shards it would meet others; so it is done here, and nodes are told the result.
 */
async function withWholeCandidates(
  read: ReadContext,
  index: IndexEntry,
  query: FacetSearchQuery,
): Promise<FacetSearchQuery> {
  const { search, exhaustiveFacetCount } = query;
  const distinct = index.settings.distinctAttribute;
  const isPlain = distinct === null && search.rankingScoreThreshold === null;
  if (isPlain || exhaustiveFacetCount || searchKind(search) !== "keyword") return query;
  const limit = SEARCH_LIMIT_DEFAULT;
  const { hits } = await rankedSearch(read, index, { ...search, distinct }, limit);
  const isFull = hits.length >= limit;
  const rankingScoreThreshold = isFull ? null : search.rankingScoreThreshold;
  const values = hits.flatMap((hit) => (distinct === null ? [] : distinctValues(hit, distinct)));
  if (distinct === null || values.length === 0) {
    return { ...query, search: { ...search, rankingScoreThreshold } };
  }
  const primaryKey = index.primaryKey ?? "";
  const keys = hits.flatMap((hit) => documentKey(hit.steps, primaryKey) ?? []);
  const single = anyOf([not(isOneOf(distinct, values)), isOneOf(primaryKey, keys)]);
  const filter = conjoin(search.filter, [single]);
  return { ...query, search: { ...search, rankingScoreThreshold, filter } };
}

function facetRequest(
  index: IndexEntry,
  { facetName, facetQuery, search, exhaustiveFacetCount }: FacetSearchQuery,
  part: CoverPart,
): ScatterRequest {
  const body: Record<string, unknown> = { facetName, ...passedParameters(search) };
  if (facetQuery !== null) body["facetQuery"] = facetQuery;
  if (exhaustiveFacetCount) body["exhaustiveFacetCount"] = true;
  const filter = conjoin(search.filter, partConditions(part));
  if (filter !== null) body["filter"] = filter;
  return {
    method: "POST",
    path: `/indexes/${encodeURIComponent(index.physical)}/facet-search`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}
