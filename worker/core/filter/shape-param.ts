/** A `filter` in a query string: JSON when it parses as JSON, else the filter text itself. */
import { JsonSyntaxError, readJson } from "../decode/json-reader.ts";
import type { ErrorCode } from "../errors/codes.ts";
import type { Filter } from "../query/search-query.ts";
import { requiredFilterOf } from "./shape.ts";

export function filterOfParam(text: string | null, code: ErrorCode): Filter | null {
  if (text === null) return null;
  try {
    // As Meilisearch does: a `null` sent as text is a wrong filter, not an absent one.
    return requiredFilterOf(readJson(text), code);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return text;
    throw error;
  }
}
