/**
 * The shape of a `filter` value: one text, or a list of texts (all must hold) in which an inner
 * list means that one of its texts must hold.
 */
import { isArrayValue } from "../decode/decoders.ts";
import { type Json, jsonText } from "../decode/json.ts";
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import type { Filter } from "../query/search-query.ts";

/** The filter of a body; throws with `code` when the value has another shape. */
export function filterOf(value: Json, code: ErrorCode): Filter | null {
  if (value === null) return null;
  return requiredFilterOf(value, code);
}

/** As `filterOf`, where `null` is one more wrong shape. */
export function requiredFilterOf(value: Json, code: ErrorCode): Filter {
  if (typeof value === "string") return value;
  if (!isArrayValue(value)) throw wrongShape("String, Array", value, code);
  return value.map((part) => {
    if (typeof part === "string") return part;
    if (!isArrayValue(part)) throw wrongShape("String, [String]", part, code);
    return part.map((choice) => {
      if (typeof choice === "string") return choice;
      throw wrongShape("String", choice, code);
    });
  });
}

function wrongShape(expected: string, found: Json, code: ErrorCode): ApiError {
  return new ApiError(
    code,
    `Invalid syntax for the filter parameter: \`expected ${expected}, found: ${jsonText(found)}\`.`,
  );
}
