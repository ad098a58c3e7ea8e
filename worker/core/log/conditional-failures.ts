/**
 * What would fail a whole entry where only the settings of its turn say whether it does: wrong `_geo`
 * and `_geojson` of a payload matter where they are filterable or sortable, wrong embeddings where
 * their embedder is configured, the filter of a deletion or an edit where it names what the client
 * did not make filterable (nodes filter by more: `node-settings.ts`). Kept with the entry; decided
 * once, when the first node would get it, so that no node gets any of what one Meilisearch would fail.
 */
import { z } from "zod";

import { parseJson } from "../decode/payload.ts";
import { ApiError, errorBody, type ErrorBody } from "../errors/api-error.ts";
import { checkFilter } from "../filter/check.ts";
import { parseFilterSyntax } from "../filter/parse.ts";
import { filterOf } from "../filter/shape.ts";
import type { EnabledFeatures } from "../query/features.ts";
import { compareBytes } from "../settings/attribute-patterns.ts";
import type { IndexSettings } from "../settings/settings.ts";
import type { Operation } from "./operation.ts";

const embeddingsFailure = z.object({
  embedder: z.string(),
  /** Position of the document in the payload. */
  order: z.number(),
  id: z.string(),
  fault: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("wrong"), message: z.string() }),
    /** It fails unless the embedder has just this many dimensions. */
    z.object({ kind: z.literal("dimensions"), count: z.number(), index: z.number() }),
  ]),
});

export const conditionalFailures = z.object({
  geo: z.string().nullable(),
  geojson: z.string().nullable(),
  embeddings: z.array(embeddingsFailure),
  /** Embedders that every document says something to; others of `userProvided` may fail the payload. */
  provided: z.array(z.string()).default([]),
  /** The client's filter as JSON text; absent in what earlier versions stored. */
  filter: z.string().nullable().default(null),
});

type Deep<T> = { readonly [K in keyof T]: Deep<T[K]> };

export type EmbeddingsFailure = Deep<z.infer<typeof embeddingsFailure>>;
export type ConditionalFailures = Deep<z.infer<typeof conditionalFailures>>;

const NO_FAILURE: ConditionalFailures = {
  geo: null,
  geojson: null,
  embeddings: [],
  provided: [],
  filter: null,
};

/** What an operation without a payload may fail by; null when nothing. */
export function conditionOf(operation: Operation): ConditionalFailures | null {
  if (operation.kind !== "deleteByFilter" && operation.kind !== "editDocuments") return null;
  return operation.filter === null ? null : { ...NO_FAILURE, filter: operation.filter };
}

/** Why one Meilisearch with these settings fails the entry; undefined when it takes it. */
export function failureUnder(
  failures: ConditionalFailures,
  settings: IndexSettings,
  indexUid: string,
): ErrorBody | undefined {
  const failed = (code: string, message: string): ErrorBody =>
    errorBody(code, `Index \`${indexUid}\`: ${message}`);
  const { filterableAttributes, sortableAttributes, embedders } = settings;
  // As Meilisearch does: a pattern that covers these fields does not count.
  const isFilterable = (name: string): boolean => filterableAttributes.includes(name);
  if (failures.geo !== null && (isFilterable("_geo") || sortableAttributes.includes("_geo"))) {
    return failed("invalid_document_geo_field", failures.geo);
  }
  if (failures.geojson !== null && isFilterable("_geojson")) {
    return failed("invalid_document_geo_field", failures.geojson);
  }
  if (failures.filter !== null) return filterFailure(failures.filter, settings, indexUid);
  const [first] = failures.embeddings
    .filter((failure) => counts(failure, embedders))
    .toSorted((a, b) => a.order - b.order || compareBytes(a.embedder, b.embedder));
  if (first === undefined) return undefined;
  const { embedder, id, fault } = first;
  if (fault.kind === "wrong") {
    return failed(
      "invalid_vectors_type",
      `Bad embedder configuration in the document with id: \`${id}\`. ${fault.message}`,
    );
  }
  return failed(
    "invalid_vector_dimensions",
    `Invalid vector dimensions in document with id \`${id}\` in \`._vectors.${embedder}\`.\n  - note: embedding #${fault.index} has dimensions ${fault.count}\n  - note: embedder \`${embedder}\` requires ${String(embedders[embedder]?.["dimensions"])}`,
  );
}

/**
 * The embedders that documents of a payload have to bring vectors for, and perhaps do not: whether
 * that fails the payload depends on what is stored. `provided`: as in `ConditionalFailures`.
 */
export function unprovided(
  { embedders }: IndexSettings,
  provided: readonly string[],
): readonly string[] {
  return Object.entries(embedders)
    .filter(([name, { source }]) => source === "userProvided" && !provided.includes(name))
    .map(([name]) => name)
    .toSorted(compareBytes);
}

/** Meilisearch's error for them; `id` is one of the documents, `others` how many more there are. */
export function missingVectors(
  indexUid: string,
  embedder: string,
  { id, others }: { readonly id: string; readonly others: number },
): ErrorBody {
  const more = others === 0 ? "" : ` and at least ${others} other document(s)`;
  return errorBody(
    "vector_embedding_error",
    `Index \`${indexUid}\`: While embedding documents for embedder \`${embedder}\`: no vectors provided for document \`${id}\`${more}\n- Note: \`${embedder}\` has \`source: userProvided\`, so documents must provide embeddings as an array in \`_vectors.${embedder}\`.\n- Hint: opt-out for a document with \`_vectors.${embedder}: null\``,
  );
}

/** Its syntax, and the features that it uses, were looked at when it came. */
const EVERY_FEATURE: EnabledFeatures = { containsFilter: true, multimodal: true };

function filterFailure(
  filter: string,
  { filterableAttributes }: IndexSettings,
  indexUid: string,
): ErrorBody | undefined {
  const code = "invalid_document_filter";
  try {
    const syntax = parseFilterSyntax(filterOf(parseJson(filter), code), code, EVERY_FEATURE);
    if (syntax !== null) {
      checkFilter(syntax, filterableAttributes, { code, indexUid, normalForm: false });
    }
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error.body();
    throw error;
  }
}

function counts(
  { embedder, fault }: EmbeddingsFailure,
  embedders: IndexSettings["embedders"],
): boolean {
  const configured = embedders[embedder];
  if (configured === undefined) return false;
  if (fault.kind === "wrong") return true;
  const { dimensions } = configured;
  // Where the settings do not say, the model does, and only nodes know it.
  return typeof dimensions === "number" && dimensions !== fault.count;
}
