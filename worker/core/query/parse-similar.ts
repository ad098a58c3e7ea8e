/** A request for similar documents, in a body or in a query string, turned into one `SimilarQuery`. */
import { anything, boolean, count, list, nullable, text } from "../decode/decoders.ts";
import { fill, Optional, Required } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import { anyText, booleanParam, countParam, listParam } from "../decode/param-decoders.ts";
import { fillParams, OptionalParam, type Params, RequiredParam } from "../decode/params.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { filterOf } from "../filter/shape.ts";
import { filterOfParam } from "../filter/shape-param.ts";
import type { DocumentId } from "../ids.ts";
import { clientDocumentId } from "./client-document-id.ts";
import { ratioParam } from "./parse-search-params.ts";
import { SEARCH_LIMIT_DEFAULT } from "./search-defaults.ts";
import { ratio } from "./search-fields.ts";
import type { Filter } from "./search-query.ts";

export interface SimilarQuery {
  readonly id: DocumentId;
  readonly embedder: string;
  readonly offset: number;
  readonly limit: number;
  readonly filter: Filter | null;
  readonly attributesToRetrieve: readonly string[] | null;
  readonly retrieveVectors: boolean;
  readonly showRankingScore: boolean;
  readonly showRankingScoreDetails: boolean;
  readonly showPerformanceDetails: boolean;
  readonly rankingScoreThreshold: number | null;
}

/** The body of `POST /indexes/{indexUid}/similar`. */
export function parseSimilarBody(body: string): SimilarQuery {
  const flag = (code: ErrorCode) => new Optional(boolean, false, code);
  const slots = {
    id: new Required<Json>(anything, "invalid_similar_id"),
    offset: new Optional(count, 0, "invalid_similar_offset"),
    limit: new Optional<number>(count, SEARCH_LIMIT_DEFAULT, "invalid_similar_limit"),
    filter: new Optional<Json>(anything, null, "invalid_similar_filter"),
    embedder: new Required(text, "invalid_similar_embedder"),
    attributesToRetrieve: new Optional(
      nullable(list(text)),
      null,
      "invalid_similar_attributes_to_retrieve",
    ),
    retrieveVectors: flag("invalid_similar_retrieve_vectors"),
    showRankingScore: flag("invalid_similar_show_ranking_score"),
    showRankingScoreDetails: flag("invalid_similar_show_ranking_score_details"),
    showPerformanceDetails: flag("invalid_similar_show_performance_details"),
    rankingScoreThreshold: new Optional(
      nullable(ratio("rankingScoreThreshold")),
      null,
      "invalid_similar_ranking_score_threshold",
    ),
  };
  fill(slots, parseJson(body), Place.root());
  return similarQueryOf(slots, filterOf(slots.filter.value, "invalid_similar_filter"));
}

/** The parameters of `GET /indexes/{indexUid}/similar`. */
export function parseSimilarParams(params: Params): SimilarQuery {
  const flag = (code: ErrorCode) => new OptionalParam<boolean>(booleanParam, false, code);
  const slots = {
    id: new RequiredParam(anyText, "invalid_similar_id"),
    embedder: new RequiredParam(anyText, "invalid_similar_embedder"),
    offset: new OptionalParam(countParam(), 0, "invalid_similar_offset"),
    limit: new OptionalParam<number>(countParam(), SEARCH_LIMIT_DEFAULT, "invalid_similar_limit"),
    attributesToRetrieve: new OptionalParam<readonly string[] | null>(
      listParam(anyText),
      null,
      "invalid_similar_attributes_to_retrieve",
    ),
    retrieveVectors: flag("invalid_similar_retrieve_vectors"),
    filter: new OptionalParam<string | null>(anyText, null, "invalid_similar_filter"),
    showRankingScore: flag("invalid_similar_show_ranking_score"),
    showRankingScoreDetails: flag("invalid_similar_show_ranking_score_details"),
    showPerformanceDetails: flag("invalid_similar_show_performance_details"),
    rankingScoreThreshold: new OptionalParam<number | null>(
      ratioParam("rankingScoreThreshold"),
      null,
      "invalid_similar_ranking_score_threshold",
    ),
  };
  fillParams(slots, params);
  return similarQueryOf(slots, filterOfParam(slots.filter.value, "invalid_similar_filter"));
}

/** Filled slots of either kind. */
type Filled = {
  readonly [Name in Exclude<keyof SimilarQuery, "id" | "filter">]: {
    readonly value: SimilarQuery[Name];
  };
} & { readonly id: { readonly value: Json } };

function similarQueryOf(slots: Filled, filter: Filter | null): SimilarQuery {
  return {
    id: clientDocumentId(slots.id.value, "Invalid value at `.id`", "invalid_similar_id"),
    embedder: slots.embedder.value,
    offset: slots.offset.value,
    limit: slots.limit.value,
    filter,
    attributesToRetrieve: slots.attributesToRetrieve.value,
    retrieveVectors: slots.retrieveVectors.value,
    showRankingScore: slots.showRankingScore.value,
    showRankingScoreDetails: slots.showRankingScoreDetails.value,
    showPerformanceDetails: slots.showPerformanceDetails.value,
    rankingScoreThreshold: slots.rankingScoreThreshold.value,
  };
}
