/** Whether an index's settings allow a page of documents, with Meilisearch's refusals in its order. */
import { ApiError } from "../errors/api-error.ts";
import { checkFilter } from "../filter/check.ts";
import { parseFilterSyntax } from "../filter/parse.ts";
import { sortedByBytes } from "../settings/attribute-patterns.ts";
import type { IndexSettings } from "../settings/settings.ts";
import { notSortable, unsortable } from "./check-attributes.ts";
import type { EnabledFeatures } from "./features.ts";
import type { DocumentsQuery } from "./parse-documents.ts";
import { parseSortCriterion } from "./sort-criterion.ts";

/** Throws when the page cannot be read; also for mistakes in the syntax of the filter. */
export function checkDocuments(
  query: Pick<DocumentsQuery, "filter" | "sort">,
  settings: IndexSettings,
  enabled: EnabledFeatures = {},
): void {
  const filter = parseFilterSyntax(query.filter, "invalid_document_filter", enabled);
  if (filter !== null) {
    checkFilter(filter, settings.filterableAttributes, {
      code: "invalid_document_filter",
      indexUid: null,
      normalForm: false,
    });
  }
  const sort = (query.sort ?? []).map((text) => parseSortCriterion(text, "invalid_document_sort"));
  const attribute = unsortable(sort, settings);
  if (attribute === undefined) return;
  // As Meilisearch does: this route names attributes that are not displayed, too.
  const available = { names: sortedByBytes(settings.sortableAttributes), hidden: false };
  throw new ApiError("invalid_document_sort", notSortable(attribute, available));
}
