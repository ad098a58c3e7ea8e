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

export interface SentEdit {
  readonly function: string;
  readonly filter: Json;
  readonly context: Json;
}

/** The members of the body; what they hold is looked at by `checkEdit`. */
export function parseEdit(body: string): SentEdit {
  const filter = new Optional<Json>(anything, null, "invalid_document_filter");
  const context = new Optional<Json>(nullable(anything), null, "invalid_document_edition_context");
  const code = new Required(
    text,
    "invalid_document_edition_function_filter",
    "missing_document_edition_function",
  );
  fill({ filter, context, function: code }, parseJson(body), Place.root());
  return { function: code.value, filter: filter.value, context: context.value };
}

/** As Meilisearch does: first the filter, then the context, and both after the function. */
export function checkEdit(sent: SentEdit, indexUid: string, enabled: EnabledFeatures): EditRequest {
  const { filter, context } = sent;
  checkSyntax(filter, indexUid, enabled);
  if (context !== null && !isObject(context)) {
    throw new ApiError("invalid_document_edition_context", "The context must be an object");
  }
  return {
    function: sent.function,
    filter: filter === null ? null : jsonText(filter),
    context: context === null ? null : jsonText(context),
  };
}

/** As Meilisearch does: here, unlike elsewhere, a mistake in the filter names the index. */
function checkSyntax(filter: Json, indexUid: string, enabled: EnabledFeatures): void {
  if (filter === null) return;
  const code = "invalid_document_filter";
  try {
    const syntax = parseFilterSyntax(filterOf(filter, code), code, enabled);
    if (syntax !== null) return;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(code, `Index \`${indexUid}\`: ${error.message}`);
  }
  throw new ApiError(code, "Sending an empty filter is forbidden.");
}
