/** Whether an index's settings allow a request for similar documents, with Meilisearch's refusals. */
import { checkFilter } from "../filter/check.ts";
import { parseFilterSyntax } from "../filter/parse.ts";
import type { IndexSettings } from "../settings/settings.ts";
import { checkEmbedder } from "./check-vector.ts";
import type { EnabledFeatures } from "./features.ts";
import type { SimilarQuery } from "./parse-similar.ts";

/** Throws for an unknown embedder, and for a filter that is malformed or not allowed. */
export function checkSimilar(
  query: Pick<SimilarQuery, "embedder" | "filter">,
  settings: Pick<IndexSettings, "embedders" | "filterableAttributes">,
  enabled: EnabledFeatures = {},
): void {
  checkEmbedder(query.embedder, settings.embedders, null, "invalid_similar_embedder");
  const filter = parseFilterSyntax(query.filter, "invalid_similar_filter", enabled);
  if (filter === null) return;
  checkFilter(filter, settings.filterableAttributes, {
    code: "invalid_similar_filter",
    indexUid: null,
    normalForm: false,
  });
}
