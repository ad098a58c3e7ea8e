/**
 * One payload format, read incrementally: bytes in, documents out, nothing kept but the document
 * that is being read. Both methods throw an `ApiError` with Meilisearch's text when the payload
 * cannot be read; that is the answer to the request, whatever was found before.
 */
import { CsvDocumentStream } from "./csv-stream.ts";
import { JsonDocumentStream } from "./json-stream.ts";
import type { PayloadFormat } from "./malformed-payload.ts";
import { NdjsonDocumentStream } from "./ndjson-stream.ts";
import type { RawDocument } from "./raw-document.ts";

export interface DocumentStream {
  /** The documents that `chunk` completes. Each is valid only until the next one is asked for. */
  push(chunk: Uint8Array): Iterable<RawDocument>;
  /** The payload is complete. */
  end(): Iterable<RawDocument>;
}

export function documentStream(format: PayloadFormat, csvDelimiter: string): DocumentStream {
  switch (format) {
    case "json":
      return new JsonDocumentStream();
    case "ndjson":
      return new NdjsonDocumentStream();
    case "csv":
      return new CsvDocumentStream(csvDelimiter);
  }
}
