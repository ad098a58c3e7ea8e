/**
 * A search as the client asked it, after validation: the one shape behind GET and POST
 * `/indexes/{uid}/search` and the queries of `/multi-search`. Absent and `null` are both `null`
 * here, because Meilisearch treats them alike.
 */
export type Filter = string | readonly (string | readonly string[])[];

export type MatchingStrategy = "last" | "all" | "frequency";

export type Window =
  | { readonly kind: "slice"; readonly offset: number; readonly limit: number }
  | { readonly kind: "page"; readonly page: number; readonly hitsPerPage: number };

export interface SearchQuery {
  readonly q: string | null;
  readonly window: Window;
  readonly filter: Filter | null;
  readonly sort: readonly string[] | null;
  readonly distinct: string | null;
  readonly facets: readonly string[] | null;
  readonly matchingStrategy: MatchingStrategy;
  readonly attributesToRetrieve: readonly string[] | null;
  readonly attributesToSearchOn: readonly string[] | null;
  readonly attributesToHighlight: readonly string[] | null;
  readonly attributesToCrop: readonly string[] | null;
  readonly cropLength: number;
  readonly cropMarker: string;
  readonly highlightPreTag: string;
  readonly highlightPostTag: string;
  readonly showMatchesPosition: boolean;
  readonly showRankingScore: boolean;
  readonly showRankingScoreDetails: boolean;
  readonly showPerformanceDetails: boolean;
  readonly rankingScoreThreshold: number | null;
  readonly locales: readonly string[] | null;
  readonly hybrid: { readonly embedder: string; readonly semanticRatio: number } | null;
  readonly vector: readonly number[] | null;
  /** Parts of a multimodal query, any JSON, passed to nodes as the client sent them. */
  readonly media: unknown;
  readonly retrieveVectors: boolean;
}
