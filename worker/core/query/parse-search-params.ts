/** The search of a query string (`GET /indexes/{uid}/search`). */
import {
  anyText,
  booleanParam,
  countParam,
  floatOf,
  floatParam,
  listParam,
  wordParam,
} from "../decode/param-decoders.ts";
import { localeParam } from "../decode/locale.ts";
import { fillParams, OptionalParam, ParamMistake, type Params } from "../decode/params.ts";
import { ApiError } from "../errors/api-error.ts";
import { filterOfParam } from "../filter/shape-param.ts";
import type { EnabledFeatures } from "./features.ts";
import { refuseWhatOnlyOneNodeCanDo } from "./parse-search.ts";
import {
  DEFAULT_CROP,
  MATCHING_STRATEGIES,
  SEARCH_LIMIT_DEFAULT,
  SEMANTIC_RATIO_DEFAULT,
} from "./search-defaults.ts";
import { isRatio, wrongRatio } from "./search-fields.ts";
import type { MatchingStrategy, SearchQuery } from "./search-query.ts";
import { windowOf } from "./window.ts";

const texts = listParam(anyText);
const none: readonly string[] | null = null;

export function parseSearchParams(params: Params, enabled: EnabledFeatures = {}): SearchQuery {
  const fields = searchParams();
  fillParams(fields, params);
  const hybrid = hybridOf(fields.hybridEmbedder.value, fields.hybridSemanticRatio.value);
  if (fields.vector.value !== null && hybrid === null) {
    throw new ApiError(
      "missing_search_hybrid",
      "`hybridEmbedder` is mandatory when `vector` is present",
    );
  }
  const filter = filterOfParam(fields.filter.value, "invalid_search_filter");
  const userContext = fields.personalizeUserContext.value;
  const personalize = userContext === null ? null : { userContext };
  refuseWhatOnlyOneNodeCanDo({ filter, personalize, useNetwork: fields.useNetwork.value }, enabled);
  const sort = fields.sort.value;
  return {
    q: fields.q.value,
    window: windowOf({
      offset: fields.offset.value,
      limit: fields.limit.value,
      page: fields.page.value,
      hitsPerPage: fields.hitsPerPage.value,
    }),
    filter,
    sort: sort === null ? null : sortList(sort),
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
    showPerformanceDetails: fields.showPerformanceDetails.value,
    rankingScoreThreshold: fields.rankingScoreThreshold.value,
    locales: fields.locales.value,
    hybrid,
    vector: fields.vector.value,
    media: null,
    retrieveVectors: fields.retrieveVectors.value,
  };
}

/** A `sort` of a query string: commas separate criteria, except inside `_geoPoint(…)`. */
export function sortList(text: string): readonly string[] {
  const criteria: string[] = [];
  let inPoint = false;
  for (const part of text.replace(/^"+|"+$/g, "").split(",")) {
    const piece = part.trim();
    if (inPoint && !piece.startsWith("_geoPoint(")) {
      criteria.push(`${criteria.pop() ?? ""},${piece}`);
      if (piece.endsWith("):desc") || piece.endsWith("):asc")) inPoint = false;
    } else {
      criteria.push(piece);
      inPoint = piece.startsWith("_geoPoint(");
    }
  }
  return criteria;
}

export function ratioParam(name: string): (text: string) => number {
  return (text) => {
    const value = floatOf(text);
    if (value === undefined || !isRatio(value)) throw new ParamMistake(wrongRatio(name));
    return value;
  };
}

function hybridOf(embedder: string | null, semanticRatio: number | null): SearchQuery["hybrid"] {
  if (embedder !== null)
    return { embedder, semanticRatio: semanticRatio ?? SEMANTIC_RATIO_DEFAULT };
  if (semanticRatio === null) return null;
  throw new ApiError(
    "invalid_search_hybrid_query",
    "`hybridEmbedder` is mandatory when `hybridSemanticRatio` is present",
  );
}

function searchParams() {
  const count = countParam();
  return {
    q: new OptionalParam<string | null>(anyText, null, "invalid_search_q"),
    offset: new OptionalParam(count, 0, "invalid_search_offset"),
    limit: new OptionalParam(count, SEARCH_LIMIT_DEFAULT, "invalid_search_limit"),
    page: new OptionalParam<number | null>(count, null, "invalid_search_page"),
    hitsPerPage: new OptionalParam<number | null>(count, null, "invalid_search_hits_per_page"),
    attributesToRetrieve: new OptionalParam(texts, none, "invalid_search_attributes_to_retrieve"),
    attributesToCrop: new OptionalParam(texts, none, "invalid_search_attributes_to_crop"),
    cropLength: new OptionalParam<number>(count, DEFAULT_CROP.length, "invalid_search_crop_length"),
    cropMarker: new OptionalParam<string>(
      anyText,
      DEFAULT_CROP.marker,
      "invalid_search_crop_marker",
    ),
    attributesToHighlight: new OptionalParam(texts, none, "invalid_search_attributes_to_highlight"),
    highlightPreTag: new OptionalParam(anyText, "<em>", "invalid_search_highlight_pre_tag"),
    highlightPostTag: new OptionalParam(anyText, "</em>", "invalid_search_highlight_post_tag"),
    showMatchesPosition: flag("invalid_search_show_matches_position"),
    filter: new OptionalParam<string | null>(anyText, null, "invalid_search_filter"),
    sort: new OptionalParam<string | null>(anyText, null, "invalid_search_sort"),
    distinct: new OptionalParam<string | null>(anyText, null, "invalid_search_distinct"),
    facets: new OptionalParam(texts, none, "invalid_search_facets"),
    matchingStrategy: new OptionalParam<MatchingStrategy>(
      wordParam(MATCHING_STRATEGIES),
      "last",
      "invalid_search_matching_strategy",
    ),
    attributesToSearchOn: new OptionalParam(texts, none, "invalid_search_attributes_to_search_on"),
    rankingScoreThreshold: new OptionalParam<number | null>(
      ratioParam("rankingScoreThreshold"),
      null,
      "invalid_search_ranking_score_threshold",
    ),
    locales: new OptionalParam(listParam(localeParam), none, "invalid_search_locales"),
    hybridEmbedder: new OptionalParam<string | null>(anyText, null, "invalid_search_embedder"),
    hybridSemanticRatio: new OptionalParam<number | null>(
      ratioParam("semanticRatio"),
      null,
      "invalid_search_semantic_ratio",
    ),
    vector: new OptionalParam<readonly number[] | null>(
      listParam(floatParam),
      null,
      "invalid_search_vector",
    ),
    retrieveVectors: flag("invalid_search_retrieve_vectors"),
    personalizeUserContext: new OptionalParam<string | null>(
      anyText,
      null,
      "invalid_search_personalize_user_context",
    ),
    useNetwork: new OptionalParam<boolean | null>(booleanParam, null, "invalid_search_use_network"),
    showRankingScore: flag("invalid_search_show_ranking_score"),
    showRankingScoreDetails: flag("invalid_search_show_ranking_score_details"),
    showPerformanceDetails: flag("invalid_search_show_performance_details"),
  };
}

function flag(code: ConstructorParameters<typeof OptionalParam>[2]): OptionalParam<boolean> {
  return new OptionalParam<boolean>(booleanParam, false, code);
}
