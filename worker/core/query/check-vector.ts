/** Whether the vector part of a search fits the embedders of the index. */
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import type { Embedder, IndexSettings } from "../settings/settings.ts";
import { type EnabledFeatures, featureError } from "./features.ts";
import type { SearchQuery } from "./search-query.ts";

type VectorQuery = Pick<SearchQuery, "q" | "hybrid" | "vector" | "media">;

/** Throws what Meilisearch answers to a combination of `q`, `hybrid`, `vector`, `media` that it cannot run. */
export function checkSearchKind(
  query: VectorQuery,
  embedders: IndexSettings["embedders"],
  enabled: EnabledFeatures,
): void {
  const { hybrid, vector, media } = query;
  const hasMedia = media !== null && media !== undefined;
  if (hasMedia && vector !== null) {
    throw new ApiError(
      "invalid_search_media_and_vector",
      "Invalid request: both `media` and `vector` parameters are present.",
    );
  }
  if (hybrid === null) {
    if (!hasMedia && vector === null) return;
    throw new ApiError(
      "missing_search_hybrid",
      "Invalid request: missing `hybrid` parameter when `vector` or `media` are present.",
    );
  }
  const placeholder = (query.q ?? "").trim() === "";
  const usesEmbedder = hybrid.semanticRatio !== 0 && (!placeholder || hasMedia || vector !== null);
  if (usesEmbedder) {
    checkEmbedder(hybrid.embedder, embedders, vector, "invalid_search_embedder");
  }
  if (hasMedia && enabled.multimodal !== true) {
    throw featureError("multimodal", "passing `media` in a search query");
  }
}

/** Throws when no embedder has this name, or the vector has another length than its vectors. */
export function checkEmbedder(
  name: string,
  embedders: IndexSettings["embedders"],
  vector: readonly number[] | null,
  code: ErrorCode,
): void {
  const embedder = Object.hasOwn(embedders, name) ? embedders[name] : undefined;
  if (embedder === undefined) {
    throw new ApiError(code, `Cannot find embedder with name \`${name}\`.`);
  }
  const expected = dimensionsOf(embedder);
  if (vector === null || expected === undefined || vector.length === expected) return;
  throw new ApiError(
    "invalid_vector_dimensions",
    `Invalid vector dimensions: expected: \`${expected}\`, found: \`${vector.length}\`.`,
  );
}

/** The length of an embedder's vectors, when its configuration says it. */
function dimensionsOf(embedder: Embedder): number | undefined {
  const { dimensions } = embedder;
  return typeof dimensions === "number" ? dimensions : undefined;
}
