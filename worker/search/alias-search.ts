/**
 * Reads by an alias of several indexes: one query over all of them. A search is a federated search
 * that looks like a search: its hits say which index they are of, its facets are merged, and its
 * window is over the merged list. As many settings as they differ in, each index ranks by its own.
 */
import type { IndexUid } from "../core/ids.ts";
import { facetRules } from "../core/merge/facet-rules.ts";
import {
  facetSearchBody,
  mergeFacetHits,
  readFacetHits,
  slowestMs,
} from "../core/merge/facet-hits.ts";
import type { FacetSearchQuery } from "../core/query/parse-facet-search.ts";
import type { Federation, MultiSearchQuery } from "../core/query/parse-multi-search.ts";
import type { Filter, SearchQuery } from "../core/query/search-query.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { facetSearch } from "./facet-search.ts";
import { federatedSearch } from "./federated-search.ts";
import {
  MissingShards,
  type AdmittedQuery,
  type MultiAnswer,
  type MultiSearchOptions,
} from "./query-list.ts";
import type { ReadContext } from "./read-context.ts";

/** One of the indexes, with the filter that holds for this caller there. */
export interface RestrictedIndex {
  readonly index: IndexEntry;
  readonly filter: Filter | null;
}

export async function searchAll(
  read: ReadContext,
  indexes: readonly RestrictedIndex[],
  query: SearchQuery,
  options: MultiSearchOptions,
): Promise<MultiAnswer> {
  const queries = indexes.map(({ index, filter }, place): AdmittedQuery => {
    return {
      asked: queryOf(index.uid, query),
      place,
      restrict: () => filter,
      restrictBehind: () => filter,
    };
  });
  const { facets } = query;
  const federation: Federation = {
    window: query.window,
    facetsByIndex: new Map(facets === null ? [] : indexes.map(({ index }) => [index.uid, facets])),
    mergeFacets: { maxValuesPerFacet: fewestFacetValues(indexes) },
    distinct: query.distinct,
    showPerformanceDetails: query.showPerformanceDetails,
    personalize: null,
  };
  return await federatedSearch(read, queries, federation, { ...options, q: query.q ?? "" });
}

export async function facetSearchAll(
  read: ReadContext,
  indexes: readonly RestrictedIndex[],
  query: FacetSearchQuery,
): Promise<MultiAnswer> {
  const answers = await Promise.all(
    indexes.map(({ index, filter }) =>
      facetSearch(read, index, { ...query, search: { ...query.search, filter } }),
    ),
  );
  const missing = new MissingShards();
  for (const [at, answer] of answers.entries()) {
    missing.add(indexes[at]?.index.uid ?? "", answer.missing);
  }
  const texts = answers.map(({ body }) => body);
  const orders = new Set(
    indexes.map(({ index }) => facetRules(index.settings).orderOf(query.facetName)),
  );
  const [order = "alpha"] = orders.size === 1 ? orders : [];
  const hits = mergeFacetHits(texts.map(readFacetHits), order, fewestFacetValues(indexes));
  const body = facetSearchBody(hits, query.facetQuery, slowestMs(texts));
  return { body, missing: missing.byIndex };
}

/** As many values as the index with the fewest shows: only so many are whole in the merged list. */
function fewestFacetValues(indexes: readonly RestrictedIndex[]): number {
  return Math.min(...indexes.map(({ index }) => index.settings.faceting.maxValuesPerFacet));
}

/** What is said for all indexes at once is left out: window, facets, distinct. */
function queryOf(indexUid: IndexUid, query: SearchQuery): MultiSearchQuery {
  return {
    indexUid,
    filter: null,
    paging: { offset: null, limit: null, page: null, hitsPerPage: null },
    facets: null,
    distinct: null,
    personalize: null,
    useNetwork: null,
    showPerformanceDetails: null,
    federationOptions: null,
    search: (window, filter) => ({ ...query, window, filter, facets: null, distinct: null }),
  };
}
