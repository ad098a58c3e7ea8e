/** The body of `POST /indexes/{indexUid}/documents/edit`. */
import { anything, nullable, text } from "../decode/decoders.ts";
import { fill, Optional, Required } from "../decode/fields.ts";
import { isObject, type Json, jsonText } from "../decode/json.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";
import { parseFilterSyntax } from "../filter/parse.ts";
import { filterOf } from "../filter/shape.ts";
import type { EnabledFeatures } from "./features.ts";

export interface EditRequest {
  readonly function: string;
  /** The filter as JSON text; null for all documents. */
  readonly filter: string | null;
  /** An object as JSON text; null when the function needs none. */
  readonly context: string | null;
}

export function parseEdit(body: string, indexUid: string, enabled: EnabledFeatures): EditRequest {
  const filter = new Optional<Json>(anything, null, "invalid_document_filter");
  const context = new Optional<Json>(nullable(anything), null, "invalid_document_edition_context");
  const code = new Required(
    text,
    "invalid_document_edition_function_filter",
    "missing_document_edition_function",
  );
  fill({ filter, context, function: code }, parseJson(body), Place.root());
  if (context.value !== null && !isObject(context.value)) {
    throw new ApiError("invalid_document_edition_context", "The context must be an object");
  }
  checkSyntax(filter.value, indexUid, enabled);
  return {
    function: code.value,
    filter: filter.value === null ? null : jsonText(filter.value),
    context: context.value === null ? null : jsonText(context.value),
  };
}

/** As Meilisearch does: here, unlike elsewhere, a mistake in the filter names the index. */
function checkSyntax(filter: Json, indexUid: string, enabled: EnabledFeatures): void {
  const code = "invalid_document_filter";
  try {
    parseFilterSyntax(filterOf(filter, code), code, enabled);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(code, `Index \`${indexUid}\`: ${error.message}`);
  }
}
