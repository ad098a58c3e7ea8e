/** The identifier of a document, and the attribute that holds it. */
import {
  isObject,
  type Json,
  JsonNumber,
  type JsonObject,
  jsonText,
} from "../../../worker/core/decode/json.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { byteLength } from "../../../worker/core/text/lengths.ts";

const ID = /^[A-Za-z0-9_-]+$/;
const ID_BYTES_MAX = 511;

/** As Meilisearch does: the only attribute of the first document whose name ends with `id`. */
export function inferPrimaryKey(document: JsonObject): string {
  const candidates = [...document.keys()]
    .filter((key) => key.toLowerCase().endsWith("id"))
    .toSorted();
  const [first, second] = candidates;
  if (first === undefined) {
    throw new ApiError(
      "index_primary_key_no_candidate_found",
      "The primary key inference failed as the engine did not find any field ending with `id` in its name. Please specify the primary key manually using the `primaryKey` query parameter.",
    );
  }
  if (second !== undefined) {
    throw new ApiError(
      "index_primary_key_multiple_candidates_found",
      `The primary key inference failed as the engine found ${candidates.length} fields ending with \`id\` in their names: '${first}' and '${second}'. Please specify the primary key manually using the \`primaryKey\` query parameter.`,
    );
  }
  return first;
}

/** Values under a dotted name, whether the dots are in keys or between objects. */
function valuesAt(document: JsonObject, name: string): Json[] {
  const found: Json[] = [];
  const own = document.get(name);
  if (own !== undefined) found.push(own);
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".", dot + 1)) {
    const child = document.get(name.slice(0, dot));
    if (child !== undefined && isObject(child)) found.push(...valuesAt(child, name.slice(dot + 1)));
  }
  return found;
}

export function documentId(document: JsonObject, primaryKey: string): string {
  const values = valuesAt(document, primaryKey);
  const [value] = values;
  if (value === undefined) {
    throw new ApiError(
      "missing_document_id",
      `Document doesn't have a \`${primaryKey}\` attribute: \`${jsonText(document)}\`.`,
    );
  }
  if (values.length > 1) {
    throw new ApiError(
      "invalid_document_id",
      `Document have too many matching \`${primaryKey}\` attribute: \`${jsonText(document)}\`.`,
    );
  }
  if (value instanceof JsonNumber && value.kind !== "float") return value.text;
  if (typeof value === "string" && ID.test(value) && byteLength(value) <= ID_BYTES_MAX)
    return value;
  throw new ApiError(
    "invalid_document_id",
    `Document identifier \`${jsonText(value)}\` is invalid. A document identifier can be of type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than ${ID_BYTES_MAX} bytes.`,
  );
}
