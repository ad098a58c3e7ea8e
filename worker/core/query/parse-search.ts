/**
 * A search as the client sent it, in a body or in a query string, turned into one `SearchQuery`.
 * Types, ranges, unknown names and the shape of `filter` are checked here; what depends on the
 * index's settings is checked by `check-search.ts`.
 */
import { fill } from "../decode/fields.ts";
import { type Json, plainValue } from "../decode/json.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { parseFilter } from "../filter/parse.ts";
import { filterOf } from "../filter/shape.ts";
import { type EnabledFeatures, featureError, refuseUseNetwork } from "./features.ts";
import { searchFields, type SearchFields } from "./search-fields.ts";
import type { SearchQuery, Window } from "./search-query.ts";
import { windowOf } from "./window.ts";

/** The search of a JSON body. */
export function parseSearchBody(body: string, enabled: EnabledFeatures = {}): SearchQuery {
  return parseSearchJson(parseJson(body), Place.root(), enabled);
}

/** The search of a value inside a body, at its place. */
export function parseSearchJson(
  value: Json,
  at: Place,
  enabled: EnabledFeatures = {},
): SearchQuery {
  const fields = searchFields();
  fill(fields, value, at);
  return searchQueryOf(fields, enabled);
}

export function searchQueryOf(fields: SearchFields, enabled: EnabledFeatures): SearchQuery {
  const filter = filterOf(fields.filter.value, "invalid_search_filter");
  const personalize = fields.personalize.value;
  refuseWhatOnlyOneNodeCanDo({ filter, personalize, useNetwork: fields.useNetwork.value }, enabled);
  const window = windowOf({
    offset: fields.offset.value,
    limit: fields.limit.value,
    page: fields.page.value,
    hitsPerPage: fields.hitsPerPage.value,
  });
  return searchOf(fields, window, filter);
}

/** The fields that are the same wherever a search is part of a body. */
export type CommonFields = Omit<SearchFields, "offset" | "limit" | "showPerformanceDetails"> & {
  readonly showPerformanceDetails: { readonly value: boolean | null };
};

/** The search of filled fields, with a window and a filter that were judged before. */
export function searchOf(
  fields: CommonFields,
  window: Window,
  filter: SearchQuery["filter"],
): SearchQuery {
  return {
    q: fields.q.value,
    window,
    filter,
    sort: fields.sort.value,
    distinct: fields.distinct.value,
    facets: fields.facets.value,
    matchingStrategy: fields.matchingStrategy.value,
    attributesToRetrieve: fields.attributesToRetrieve.value,
    attributesToSearchOn: fields.attributesToSearchOn.value,
    attributesToHighlight: fields.attributesToHighlight.value,
    attributesToCrop: fields.attributesToCrop.value,
    cropLength: fields.cropLength.value,
    cropMarker: fields.cropMarker.value,
    highlightPreTag: fields.highlightPreTag.value,
    highlightPostTag: fields.highlightPostTag.value,
    showMatchesPosition: fields.showMatchesPosition.value,
    showRankingScore: fields.showRankingScore.value,
    showRankingScoreDetails: fields.showRankingScoreDetails.value,
    showPerformanceDetails: fields.showPerformanceDetails.value ?? false,
    rankingScoreThreshold: fields.rankingScoreThreshold.value,
    locales: fields.locales.value,
    hybrid: fields.hybrid.value,
    vector: fields.vector.value,
    media: plainValue(fields.media.value),
    retrieveVectors: fields.retrieveVectors.value,
  };
}

interface OneNodeOnly {
  readonly filter: SearchQuery["filter"];
  readonly personalize: { readonly userContext: string } | null;
  readonly useNetwork: boolean | null;
}

/**
 * Neither the reranker nor the network of Meilisearch itself is behind this service. As
 * Meilisearch does, a mistake in the filter's syntax is told first.
 */
export function refuseWhatOnlyOneNodeCanDo(
  { filter, personalize, useNetwork }: OneNodeOnly,
  enabled: EnabledFeatures,
): void {
  if (useNetwork === null && personalize === null) return;
  parseFilter(filter, "invalid_search_filter", enabled);
  refuseUseNetwork(useNetwork, enabled);
  refusePersonalization(personalize);
}

export function refusePersonalization(personalize: OneNodeOnly["personalize"]): void {
  if (personalize !== null) throw featureError("personalization", "reranking search results");
}
