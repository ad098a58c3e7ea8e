/** The text of a JSON body, whatever encoding it came in. */
import { ApiError } from "../core/errors/api-error.ts";
import { PAYLOAD_BYTES_MAX } from "../core/limits.ts";
import { decodedBody } from "../ingest/content.ts";
import { payloadTooLarge } from "../ingest/ingest-documents.ts";

/** What decoders of Meilisearch say of bytes that are not theirs. */
const CORRUPT: Readonly<Record<string, string>> = {
  gzip: 'kind: InvalidInput, error: "corrupt gzip stream does not have a matching checksum"',
  deflate: 'kind: InvalidInput, error: "corrupt deflate stream"',
  br: 'kind: InvalidData, error: "Invalid Data"',
};

export async function bodyText(
  body: ReadableStream<Uint8Array> | null,
  contentEncoding: string | null,
): Promise<string> {
  // A byte order mark is a mistake in JSON, so it has to be seen.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: false });
  let text = "";
  for await (const chunk of checked(body, contentEncoding)) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > PAYLOAD_BYTES_MAX) throw payloadTooLarge();
  }
  return text + decoder.decode();
}

/** As Meilisearch does: a JSON body that does not decode is told in other words than documents. */
async function* checked(
  body: ReadableStream<Uint8Array> | null,
  contentEncoding: string | null,
): AsyncGenerator<Uint8Array> {
  try {
    yield* decodedBody(body, contentEncoding) ?? [];
  } catch (error) {
    const corrupt = CORRUPT[contentEncoding?.trim().toLowerCase() ?? ""];
    if (corrupt === undefined || !(error instanceof ApiError)) throw error;
    throw new ApiError(
      "bad_request",
      `Error that occur during reading payload: payload reached EOF before completing: Some(Custom { ${corrupt} })`,
    );
  }
}
