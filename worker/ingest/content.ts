/**
 * What a document payload is, by its headers: the format, and the bytes behind a content encoding.
 * Header parsing and texts are Meilisearch's.
 */
import { Readable } from "node:stream";
import { createBrotliDecompress } from "node:zlib";
import type { PayloadFormat } from "../core/documents/malformed-payload.ts";
import { ApiError } from "../core/errors/api-error.ts";

const FORMATS: Readonly<Record<string, PayloadFormat>> = {
  "application/json": "json",
  "application/x-ndjson": "ndjson",
  "text/csv": "csv",
};

const ACCEPTED = `Accepted values for the Content-Type header are: ${Object.keys(FORMATS)
  .map((type) => `\`${type}\``)
  .join(", ")}`;

/** A media type as the `mime` crate reads it: no space before `;`, every parameter with a value. */
const TOKEN = "[!#$&^_.+%'*|~`A-Za-z0-9-]+";
const MEDIA_TYPE = new RegExp(
  `^(${TOKEN})/(${TOKEN})(?:; *${TOKEN}=(?:${TOKEN}|"[^"]*"))*(?:; *)?$`,
);

/** The format that a `Content-Type` header names. */
export function payloadFormat(
  contentType: string | null,
  csvDelimiter: string | undefined,
): PayloadFormat {
  if (contentType === null) {
    throw new ApiError("missing_content_type", `A Content-Type header is missing. ${ACCEPTED}`);
  }
  const [, type = "", subtype = ""] = MEDIA_TYPE.exec(contentType) ?? [];
  // As Meilisearch does: `a/b+c` is shown without its suffix.
  const suffix = subtype.lastIndexOf("+");
  const plain = `${type}/${suffix > 0 ? subtype.slice(0, suffix) : subtype}`.toLowerCase();
  const format = suffix > 0 ? undefined : FORMATS[plain];
  if (format === undefined) {
    const shown = type === "" ? contentType : plain;
    throw new ApiError(
      "invalid_content_type",
      `The Content-Type \`${shown}\` is invalid. ${ACCEPTED}`,
    );
  }
  if (csvDelimiter !== undefined && format !== "csv") {
    throw new ApiError(
      "invalid_content_type",
      `The Content-Type \`${plain}\` does not support the use of a csv delimiter. The csv delimiter can only be used with the Content-Type \`text/csv\`.`,
    );
  }
  return format;
}

/** The `csvDelimiter` parameter: one ASCII character. */
export function checkedCsvDelimiter(text: string): string {
  const characters = Array.from(text);
  if (characters.length !== 1) {
    const found =
      characters.length === 0
        ? "an empty string"
        : `the following string of ${characters.length} characters: \`${text}\``;
    throw new ApiError(
      "invalid_document_csv_delimiter",
      `Invalid value in parameter \`csvDelimiter\`: expected a string of one character, but found ${found}`,
    );
  }
  if (text.charCodeAt(0) > 0x7f) {
    throw new ApiError(
      "invalid_document_csv_delimiter",
      `csv delimiter must be an ascii character. Found: \`${text}\``,
    );
  }
  return text;
}

/** The payload itself. As Meilisearch does: an encoding that it does not know is taken as none. */
export function decodedBody(
  body: ReadableStream<Uint8Array> | null,
  contentEncoding: string | null,
): AsyncIterable<Uint8Array> | null {
  switch (contentEncoding?.trim().toLowerCase() ?? "identity") {
    case "gzip":
      return inWords(inflated(body, "gzip"));
    case "deflate":
      return inWords(inflated(body, "deflate"));
    case "br":
      return inWords(unbrotlied(body));
    default:
      return body;
  }
}

function inflated(
  body: ReadableStream<Uint8Array> | null,
  format: "gzip" | "deflate",
): AsyncIterable<Uint8Array> {
  return (body ?? new Blob([]).stream()).pipeThrough(new DecompressionStream(format));
}

/** Workers: DecompressionStream has no brotli, Node's zlib has. */
function unbrotlied(body: ReadableStream<Uint8Array> | null): AsyncIterable<Uint8Array> {
  const compressed = Readable.from(body ?? []);
  const plain = createBrotliDecompress();
  compressed.on("error", (error) => plain.destroy(error));
  return compressed.pipe(plain);
}

/** As Meilisearch says it of any encoded payload that does not decode. */
async function* inWords(decoded: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* decoded;
  } catch {
    throw new ApiError("bad_request", "The provided payload is incomplete and cannot be parsed");
  }
}
