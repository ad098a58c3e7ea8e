/**
 * The fields of a search body, one slot each, in Meilisearch's order (its messages list them).
 * `/search` uses them all; other routes (`/facet-search`, queries of `/multi-search`) pick theirs.
 */
import {
  anything,
  boolean,
  checked,
  count,
  type Decoder,
  list,
  nullable,
  number,
  oneOf,
  text,
} from "../decode/decoders.ts";
import { fill, Optional, Required } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import { locale } from "../decode/locale.ts";
import type { Place } from "../decode/place.ts";
import { DEFAULT_CROP, MATCHING_STRATEGIES, SEMANTIC_RATIO_DEFAULT } from "./search-defaults.ts";
import type { MatchingStrategy, SearchQuery } from "./search-query.ts";

const texts = nullable(list(text));
const numbers = nullable(list(number));

/** A float of 0 to 1; `name` is how the message calls it. */
export function ratio(name: string): Decoder<number> {
  return checked(number, isRatio, () => wrongRatio(name));
}

export function isRatio(value: number): boolean {
  return !(value > 1 || value < 0);
}

export function wrongRatio(name: string): string {
  return `the value of \`${name}\` is invalid, expected a float between \`0.0\` and \`1.0\`.`;
}

export function hybrid(value: Json, at: Place): NonNullable<SearchQuery["hybrid"]> {
  const semanticRatio = new Optional(
    ratio("semanticRatio"),
    SEMANTIC_RATIO_DEFAULT,
    "invalid_search_semantic_ratio",
  );
  const embedder = new Required(text, "invalid_search_embedder");
  fill({ semanticRatio, embedder }, value, at.withCode("invalid_search_hybrid_query"));
  return { embedder: embedder.value, semanticRatio: semanticRatio.value };
}

export function personalize(value: Json, at: Place): { readonly userContext: string } {
  const userContext = new Required(text, "invalid_search_personalize_user_context");
  fill({ userContext }, value, at.withCode("invalid_search_personalize"));
  return { userContext: userContext.value };
}

/** Empty slots for one body: filled once, then read by `searchQueryOf`. */
export function searchFields() {
  return {
    q: new Optional(nullable(text), null, "invalid_search_q"),
    offset: new Optional(count, 0, "invalid_search_offset"),
    limit: new Optional(count, 20, "invalid_search_limit"),
    page: new Optional(nullable(count), null, "invalid_search_page"),
    hitsPerPage: new Optional(nullable(count), null, "invalid_search_hits_per_page"),
    attributesToRetrieve: new Optional(texts, null, "invalid_search_attributes_to_retrieve"),
    attributesToCrop: new Optional(texts, null, "invalid_search_attributes_to_crop"),
    cropLength: new Optional(count, DEFAULT_CROP.length, "invalid_search_crop_length"),
    cropMarker: new Optional(text, DEFAULT_CROP.marker, "invalid_search_crop_marker"),
    attributesToHighlight: new Optional(texts, null, "invalid_search_attributes_to_highlight"),
    highlightPreTag: new Optional(text, "<em>", "invalid_search_highlight_pre_tag"),
    highlightPostTag: new Optional(text, "</em>", "invalid_search_highlight_post_tag"),
    showMatchesPosition: new Optional(boolean, false, "invalid_search_show_matches_position"),
    filter: new Optional<Json>(anything, null, "invalid_search_filter"),
    sort: new Optional(texts, null, "invalid_search_sort"),
    distinct: new Optional(nullable(text), null, "invalid_search_distinct"),
    facets: new Optional(texts, null, "invalid_search_facets"),
    matchingStrategy: new Optional<MatchingStrategy>(
      oneOf(MATCHING_STRATEGIES),
      "last",
      "invalid_search_matching_strategy",
    ),
    attributesToSearchOn: new Optional(texts, null, "invalid_search_attributes_to_search_on"),
    rankingScoreThreshold: new Optional(
      nullable(ratio("rankingScoreThreshold")),
      null,
      "invalid_search_ranking_score_threshold",
    ),
    locales: new Optional(nullable(list(locale)), null, "invalid_search_locales"),
    hybrid: new Optional(nullable(hybrid), null, "invalid_search_hybrid_query"),
    vector: new Optional(numbers, null, "invalid_search_vector"),
    retrieveVectors: new Optional(boolean, false, "invalid_search_retrieve_vectors"),
    media: new Optional<Json>(anything, null, "invalid_search_media"),
    personalize: new Optional(nullable(personalize), null, "invalid_search_personalize"),
    useNetwork: new Optional(nullable(boolean), null, "invalid_search_use_network"),
    showRankingScore: new Optional(boolean, false, "invalid_search_show_ranking_score"),
    showRankingScoreDetails: new Optional(
      boolean,
      false,
      "invalid_search_show_ranking_score_details",
    ),
    showPerformanceDetails: new Optional(boolean, false, "invalid_search_show_performance_details"),
  };
}

export type SearchFields = ReturnType<typeof searchFields>;
