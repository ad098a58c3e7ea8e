/**
 * Whether an index's settings allow a search. The checks come in Meilisearch's order with its
 * texts, and list what the client configured, never what nodes have besides.
 */
import { ApiError } from "../errors/api-error.ts";
import { checkFilter } from "../filter/check.ts";
import { parseFilterSyntax } from "../filter/parse.ts";
import type { Syntax } from "../filter/syntax.ts";
import type { IndexSettings } from "../settings/settings.ts";
import { checkDistinct, checkFacets, checkSearchable, checkSortable } from "./check-attributes.ts";
import { checkSearchKind } from "./check-vector.ts";
import type { EnabledFeatures } from "./features.ts";
import type { SearchQuery } from "./search-query.ts";
import { parseSortCriterion } from "./sort-criterion.ts";

/** What is known about the index that is searched. */
export interface SearchedIndex {
  /** As the client calls it. */
  readonly uid: string;
  readonly settings: IndexSettings;
}

/**
 * The checks that need no index, before it is looked for: a wrong filter syntax is told even when
 * the index does not exist. The result spares `checkSearch` the parsing.
 */
export function checkSearchSyntax(
  query: SearchQuery,
  enabled: EnabledFeatures = {},
): Syntax | null {
  return parseFilterSyntax(query.filter, "invalid_search_filter", enabled);
}

/** Throws when the search cannot be run on this index. */
export function checkSearch(
  query: SearchQuery,
  { uid, settings }: SearchedIndex,
  enabled: EnabledFeatures = {},
  filter: Syntax | null = checkSearchSyntax(query, enabled),
): void {
  checkSearchKind(query, settings.embedders, enabled);
  const sort = (query.sort ?? []).map((text) => parseSortCriterion(text, "invalid_search_sort"));
  const inIndex = (message: string): string => `Index \`${uid}\`: ${message}`;
  const fail = (code: ConstructorParameters<typeof ApiError>[0], message: string): never => {
    throw new ApiError(code, inIndex(message));
  };
  checkSearchable(query.attributesToSearchOn ?? [], settings, fail);
  if (query.distinct !== null) checkDistinct(query.distinct, settings, fail);
  if (filter !== null) {
    checkFilter(filter, settings.filterableAttributes, {
      code: "invalid_search_filter",
      indexUid: uid,
      normalForm: true,
    });
  }
  checkSortable(sort, settings, fail);
  checkFacets(query.facets ?? [], settings);
}
