/** Meilisearch's errors for a payload that it cannot read, with its own texts. */
import { ApiError } from "../errors/api-error.ts";

export type PayloadFormat = "json" | "ndjson" | "csv";

/** The JSON itself is wrong; `reason` is serde_json's text with line and column. */
export function malformedJson(format: PayloadFormat, reason: string): ApiError {
  return new ApiError(
    "malformed_payload",
    `The \`${format}\` payload provided is malformed. \`Couldn't serialize document value: ${reason}\`.`,
  );
}

/** Valid JSON, but neither a document nor a list. */
export function notDocuments(format: PayloadFormat): ApiError {
  return malformedJson(format, "data are neither an object nor a list of objects");
}

/** A CSV record that cannot become a document. */
export function malformedCsv(reason: string): ApiError {
  return new ApiError(
    "malformed_payload",
    `The \`csv\` payload provided is malformed: \`${reason}\`.`,
  );
}

/** As Meilisearch does: a document that is no object, inside a list or NDJSON, is an internal error. */
export function notAnObject(reason: string): ApiError {
  return new ApiError("internal", reason);
}

export function missingPayload(format: PayloadFormat): ApiError {
  return new ApiError("missing_payload", `A ${format} payload is missing.`);
}
