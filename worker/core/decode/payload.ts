/**
 * From the raw request to parsed JSON: the content type and the syntax, with Meilisearch's answers
 * for what is missing or malformed.
 */
import { ApiError } from "../errors/api-error.ts";
import type { Json } from "./json.ts";
import { JsonSyntaxError, readJson } from "./json-reader.ts";
import { quoted } from "./mistakes.ts";

/** A media type as Meilisearch reads it: no space before `;`, and parameters have a name and a `=`. */
const TOKEN = "[!#$&^_.%'*|~`A-Za-z0-9-]+";
const MEDIA_TYPE = new RegExp(
  `^${TOKEN}/(${TOKEN})(?:\\+(${TOKEN}))?(?:; *${TOKEN}=(?:${TOKEN}|"[^"]*")?)*(?:; *)?$`,
);

/**
 * Refuses a body that is not JSON. As Meilisearch does: any type will do whose subtype or suffix is
 * `json`, so `text/json` and `application/ld+json` too.
 */
export function requireJsonContentType(contentType: string | null | undefined): void {
  const sent = contentType ?? "";
  const values = `Accepted values for the Content-Type header are: ${quoted(["application/json"])}`;
  if (sent === "") {
    throw new ApiError("missing_content_type", `A Content-Type header is missing. ${values}`);
  }
  const [, subtype, suffix] = MEDIA_TYPE.exec(sent) ?? [];
  if (subtype?.toLowerCase() === "json" || suffix?.toLowerCase() === "json") return;
  throw new ApiError("invalid_content_type", `The Content-Type \`${sent}\` is invalid. ${values}`);
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
