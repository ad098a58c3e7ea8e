/**
 * The body of `POST /multi-search`: queries, and whether their hits are to be federated. Types and
 * unknown names are checked here, of all queries before any of them is looked at more closely; what
 * Meilisearch reports with the place of the query (``Inside `.queries[0]`: ``) is left to the
 * checks of each query.
 */
import {
  asObject,
  boolean,
  checked,
  count,
  type Decoder,
  list,
  nullable,
  number,
  text,
} from "../decode/decoders.ts";
import { fill, Optional, Required } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import { unexpected } from "../decode/mistakes.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import type { IndexUid } from "../ids.ts";
import { indexUidOr } from "./parse-index.ts";
import { searchOf } from "./parse-search.ts";
import { SEARCH_LIMIT_DEFAULT } from "./search-defaults.ts";
import { personalize, searchFields } from "./search-fields.ts";
import type { Filter, SearchQuery, Window } from "./search-query.ts";
import { windowOf } from "./window.ts";

export interface MultiSearchRequest {
  readonly queries: readonly MultiSearchQuery[];
  /** Null when every query gets its own results. */
  readonly federation: Federation | null;
}

/** One of the queries: what a search has, as far as it is known without judging the filter. */
export interface MultiSearchQuery {
  readonly indexUid: IndexUid;
  /** As the client sent it: its shape is judged with the query. */
  readonly filter: Json;
  readonly paging: {
    readonly offset: number | null;
    readonly limit: number | null;
    readonly page: number | null;
    readonly hitsPerPage: number | null;
  };
  readonly facets: readonly string[] | null;
  readonly distinct: string | null;
  readonly personalize: { readonly userContext: string } | null;
  readonly useNetwork: boolean | null;
  readonly showPerformanceDetails: boolean | null;
  readonly federationOptions: FederationOptions | null;
  /** The search with a window and a filter of the caller's choice. */
  readonly search: (window: Window, filter: Filter | null) => SearchQuery;
}

export interface FederationOptions {
  readonly weight: number;
  readonly remote: string | null;
  readonly queryPosition: number | null;
}

export interface Federation {
  readonly window: Window;
  readonly facetsByIndex: ReadonlyMap<IndexUid, readonly string[] | null>;
  readonly mergeFacets: { readonly maxValuesPerFacet: number | null } | null;
  readonly distinct: string | null;
  readonly showPerformanceDetails: boolean;
  readonly personalize: { readonly userContext: string } | null;
}

export function parseMultiSearch(body: string): MultiSearchRequest {
  const queries = new Required(list(multiSearchQuery));
  const federation = new Optional(nullable(federationField), null);
  fill({ queries, federation }, parseJson(body), Place.root());
  return { queries: queries.value, federation: federation.value };
}

/** The window that a query asks for on its own. */
export function ownWindow({ paging }: MultiSearchQuery): Window {
  const { offset, limit, page, hitsPerPage } = paging;
  return windowOf({
    offset: offset ?? 0,
    limit: limit ?? SEARCH_LIMIT_DEFAULT,
    page,
    hitsPerPage,
  });
}

const uid: Decoder<IndexUid> = (value, at) =>
  indexUidOr(text(value, at), (reason) => unexpected(at, reason));

function multiSearchQuery(value: Json, at: Place): MultiSearchQuery {
  const slots = {
    indexUid: new Required(uid, "invalid_index_uid", "missing_index_uid"),
    ...searchFields(),
    offset: new Optional(nullable(count), null, "invalid_search_offset"),
    limit: new Optional(nullable(count), null, "invalid_search_limit"),
    showPerformanceDetails: new Optional(
      nullable(boolean),
      null,
      "invalid_search_show_performance_details",
    ),
    federationOptions: new Optional(nullable(federationOptions), null),
  };
  fill(slots, value, at);
  return {
    indexUid: slots.indexUid.value,
    filter: slots.filter.value,
    paging: {
      offset: slots.offset.value,
      limit: slots.limit.value,
      page: slots.page.value,
      hitsPerPage: slots.hitsPerPage.value,
    },
    facets: slots.facets.value,
    distinct: slots.distinct.value,
    personalize: slots.personalize.value,
    useNetwork: slots.useNetwork.value,
    showPerformanceDetails: slots.showPerformanceDetails.value,
    federationOptions: slots.federationOptions.value,
    search: (window, filter) => searchOf(slots, window, filter),
  };
}

const WEIGHT_DEFAULT = 1;

function federationOptions(value: Json, at: Place): FederationOptions {
  const weight = new Optional(
    checked(
      number,
      (found) => !(found < 0),
      () => "the value of `weight` is invalid, expected a positive float (>= 0.0).",
    ),
    WEIGHT_DEFAULT,
    "invalid_multi_search_weight",
  );
  const remote = new Optional(nullable(text), null, "invalid_multi_search_remote");
  const queryPosition = new Optional(nullable(count), null, "invalid_multi_search_query_position");
  fill({ weight, remote, queryPosition }, value, at);
  return { weight: weight.value, remote: remote.value, queryPosition: queryPosition.value };
}

function federationField(value: Json, at: Place): Federation {
  const slots = {
    limit: new Optional<number>(count, SEARCH_LIMIT_DEFAULT, "invalid_search_limit"),
    offset: new Optional(count, 0, "invalid_search_offset"),
    page: new Optional(nullable(count), null, "invalid_search_page"),
    hitsPerPage: new Optional(nullable(count), null, "invalid_search_hits_per_page"),
    facetsByIndex: new Optional<Federation["facetsByIndex"]>(
      facetsByIndex,
      new Map(),
      "invalid_multi_search_facets_by_index",
    ),
    mergeFacets: new Optional(nullable(mergeFacets), null, "invalid_multi_search_merge_facets"),
    distinct: new Optional(nullable(text), null, "invalid_search_distinct"),
    showPerformanceDetails: new Optional(boolean, false, "invalid_search_show_performance_details"),
    personalize: new Optional(nullable(personalize), null, "invalid_search_personalize"),
  };
  fill(slots, value, at);
  return {
    window: windowOf({
      offset: slots.offset.value,
      limit: slots.limit.value,
      page: slots.page.value,
      hitsPerPage: slots.hitsPerPage.value,
    }),
    facetsByIndex: slots.facetsByIndex.value,
    mergeFacets: slots.mergeFacets.value,
    distinct: slots.distinct.value,
    showPerformanceDetails: slots.showPerformanceDetails.value,
    personalize: slots.personalize.value,
  };
}

const patterns = nullable(list(text));

function facetsByIndex(value: Json, at: Place): Federation["facetsByIndex"] {
  const found = new Map<IndexUid, readonly string[] | null>();
  for (const [key, member] of asObject(value, at)) {
    const index = indexUidOr(key, () =>
      unexpected(
        at,
        `the key "${key}" could not be deserialized into the key type \`meilisearch_types::index_uid::IndexUid\``,
      ),
    );
    found.set(index, patterns(member, at.key(key)));
  }
  return found;
}

function mergeFacets(value: Json, at: Place): { readonly maxValuesPerFacet: number | null } {
  const maxValuesPerFacet = new Optional(
    nullable(count),
    null,
    "invalid_multi_search_max_values_per_facet",
  );
  fill({ maxValuesPerFacet }, value, at);
  return { maxValuesPerFacet: maxValuesPerFacet.value };
}
