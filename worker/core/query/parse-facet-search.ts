/** A search for values of a facet (`POST /indexes/{indexUid}/facet-search`). */
import { boolean, nullable, text } from "../decode/decoders.ts";
import { fill, Optional, Required } from "../decode/fields.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { type EnabledFeatures, refuseUseNetwork } from "./features.ts";
import { searchQueryOf } from "./parse-search.ts";
import { searchFields } from "./search-fields.ts";
import type { SearchQuery } from "./search-query.ts";

export interface FacetSearchQuery {
  readonly facetName: string;
  /** What the values begin with; null for all values. */
  readonly facetQuery: string | null;
  /** Whose candidates are counted; hits are not asked for. */
  readonly search: SearchQuery;
  /** Whether every candidate counts, instead of those that one node would stop at. */
  readonly exhaustiveFacetCount: boolean;
}

/** The facet search of a JSON body. */
export function parseFacetSearchBody(
  body: string,
  enabled: EnabledFeatures = {},
): FacetSearchQuery {
  const search = searchFields();
  const facetQuery = new Optional(nullable(text), null, "invalid_facet_search_query");
  const facetName = new Required(
    text,
    "invalid_facet_search_facet_name",
    "missing_facet_search_facet_name",
  );
  const exhaustiveFacetCount = new Optional(
    nullable(boolean),
    null,
    "invalid_facet_search_exhaustive_facet_count",
  );
  const slots = {
    facetQuery,
    facetName,
    q: search.q,
    vector: search.vector,
    media: search.media,
    hybrid: search.hybrid,
    filter: search.filter,
    matchingStrategy: search.matchingStrategy,
    attributesToSearchOn: search.attributesToSearchOn,
    rankingScoreThreshold: search.rankingScoreThreshold,
    locales: search.locales,
    exhaustiveFacetCount,
    useNetwork: search.useNetwork,
  };
  // As Meilisearch does: a search body with its other parameters is accepted as it is.
  fill(slots, parseJson(body), Place.root(), { ignoreUnknown: true });
  refuseUseNetwork(search.useNetwork.value, enabled);
  return {
    facetName: facetName.value,
    facetQuery: facetQuery.value,
    search: searchQueryOf(search, enabled),
    exhaustiveFacetCount: exhaustiveFacetCount.value ?? false,
  };
}
