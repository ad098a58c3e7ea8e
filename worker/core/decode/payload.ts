/**
 * From the raw request to parsed JSON: the content type and the syntax, with Meilisearch's answers
 * for what is missing or malformed.
 */
import { ApiError } from "../errors/api-error.ts";
import type { Json } from "./json.ts";
import { JsonSyntaxError, readJson } from "./json-reader.ts";
import { quoted } from "./mistakes.ts";

/** Refuses a body that is not `application/json`; parameters such as a charset are allowed. */
export function requireJsonContentType(contentType: string | null | undefined): void {
  requireContentType(contentType, ["application/json"]);
}

/** The accepted content type that was sent, without its parameters. */
export function requireContentType(
  contentType: string | null | undefined,
  accepted: readonly string[],
): string {
  const sent = contentType?.trim() ?? "";
  const values = `Accepted values for the Content-Type header are: ${quoted(accepted)}`;
  if (sent === "") {
    throw new ApiError("missing_content_type", `A Content-Type header is missing. ${values}`);
  }
  const essence = sent.split(";", 1).join("").trim().toLowerCase();
  if (accepted.includes(essence)) return essence;
  throw new ApiError(
    "invalid_content_type",
    `The Content-Type \`${contentType}\` is invalid. ${values}`,
  );
}

/** The JSON of a body text. */
export function parseJson(text: string): Json {
  if (text === "") throw new ApiError("missing_payload", "A json payload is missing.");
  try {
    return readJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new ApiError(
      "malformed_payload",
      `The json payload provided is malformed. \`${error.message}\`.`,
    );
  }
}

/** The JSON of a body, after its content type was found good. */
export function readPayload(contentType: string | null | undefined, text: string): Json {
  requireJsonContentType(contentType);
  return parseJson(text);
}
