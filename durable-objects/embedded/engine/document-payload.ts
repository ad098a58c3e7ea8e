/** The documents of a write request: each as sent, and read. Their shape is checked before the 202. */
import { isObject, type JsonObject } from "../../../worker/core/decode/json.ts";
import { JsonSyntaxError, readJson } from "../../../worker/core/decode/json-reader.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { elements, skipSpace } from "../../../worker/core/json/text-scanner.ts";

export interface SentDocument {
  readonly text: string;
  readonly document: JsonObject;
}

function malformed(format: string, reason: string): ApiError {
  return new ApiError(
    "malformed_payload",
    `The \`${format}\` payload provided is malformed. \`${reason}\`.`,
  );
}

function sentDocument(format: string, text: string): SentDocument {
  try {
    const document = readJson(text);
    if (isObject(document)) return { text, document };
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw malformed(format, error.message);
    throw error;
  }
  throw malformed(format, "Couldn't serialize document value: expected a map");
}

function lines(body: string): SentDocument[] {
  return body
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => sentDocument("ndjson", line));
}

function jsonDocuments(body: string): SentDocument[] {
  const start = skipSpace(body, 0);
  if (body[start] !== "[") return [sentDocument("json", body.slice(start).trimEnd())];
  try {
    return elements(body, start).map(([from, to]) => sentDocument("json", body.slice(from, to)));
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed("json", error.message);
    throw error;
  }
}

export function sentDocuments(contentType: string, body: string): SentDocument[] {
  const format = contentType.split(";", 1).join("").trim().toLowerCase();
  if (format === "application/x-ndjson") return lines(body);
  if (format === "application/json") {
    if (body.trim() === "") throw new ApiError("missing_payload", "A json payload is missing.");
    return jsonDocuments(body);
  }
  throw new ApiError(
    "invalid_content_type",
    `The Content-Type \`${contentType}\` is invalid. Accepted values for the Content-Type header are: \`application/json\`, \`application/x-ndjson\``,
  );
}
