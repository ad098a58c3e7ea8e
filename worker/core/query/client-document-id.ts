/** A document id as a client writes it in a request: an integer or a text. */
import { type Json, JsonNumber, jsonText } from "../decode/json.ts";
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { documentId, type DocumentId } from "../ids.ts";

const ID = /^[A-Za-z0-9_-]{1,511}$/;

/** The id in its canonical text; `place` is how a message begins that says where it stands. */
export function clientDocumentId(value: Json, place: string, code: ErrorCode): DocumentId {
  if (typeof value === "string" && ID.test(value)) return documentId(value);
  if (value instanceof JsonNumber && value.kind !== "float") return documentId(value.text);
  throw new ApiError(
    code,
    `${place}: Document identifier \`${jsonText(value)}\` is invalid. A document identifier can be of type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 bytes.`,
  );
}
