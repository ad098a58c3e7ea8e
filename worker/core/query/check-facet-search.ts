/** Whether an index's settings allow a facet search, with Meilisearch's refusals in its order. */
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { checkFilter } from "../filter/check.ts";
import { parseFilterSyntax } from "../filter/parse.ts";
import type { IndexSettings } from "../settings/settings.ts";
import { checkFacetName, checkSearchable } from "./check-attributes.ts";
import { checkSearchKind } from "./check-vector.ts";
import type { EnabledFeatures } from "./features.ts";
import type { FacetSearchQuery } from "./parse-facet-search.ts";
import { searchKind } from "./search-kind.ts";

/** Throws when the facet cannot be searched; also for mistakes in the syntax of the filter. */
export function checkFacetSearch(
  { facetName, search }: FacetSearchQuery,
  settings: IndexSettings,
  enabled: EnabledFeatures = {},
): void {
  checkSearchKind(search, settings.embedders, enabled);
  const filter = parseFilterSyntax(search.filter, "invalid_search_filter", enabled);
  if (!settings.facetSearch) {
    throw new ApiError("facet_search_disabled", "The facet search is disabled for this index");
  }
  // As Meilisearch does: the words of a search that ranks by vectors are not looked up here.
  if (searchKind(search) === "keyword") {
    checkSearchable(search.attributesToSearchOn ?? [], settings, fail);
  }
  if (filter !== null) {
    checkFilter(filter, settings.filterableAttributes, {
      code: "invalid_search_filter",
      indexUid: null,
      normalForm: false,
    });
  }
  checkFacetName(facetName, settings);
}

/** As Meilisearch does: these messages do not name the index. */
function fail(code: ErrorCode, message: string): never {
  throw new ApiError(code, message);
}
