/** Payloads for tests: cut into chunks, read to the end, and turned back into text. */
import { documentStream } from "../../../worker/core/documents/document-stream.ts";
import type { PayloadFormat } from "../../../worker/core/documents/malformed-payload.ts";
import { documentBytes, type RawDocument } from "../../../worker/core/documents/raw-document.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (raw: Uint8Array): string => new TextDecoder().decode(raw);

/** Cut at these sizes, over and over. */
export function* chunks(payload: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, turn = 0; at < payload.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield payload.slice(at, at + size);
    at += size;
  }
}

/** Read a whole payload; the copies outlive the stream. */
export function readAll(
  payload: Uint8Array,
  format: PayloadFormat = "json",
  sizes: readonly number[] = [1 << 20],
  delimiter = ",",
): RawDocument[] {
  const stream = documentStream(format, delimiter);
  const documents: RawDocument[] = [];
  const keep = (found: Iterable<RawDocument>): void => {
    for (const document of found) {
      documents.push({ ...document, pieces: document.pieces.map((piece) => piece.slice()) });
    }
  };
  for (const chunk of chunks(payload, sizes)) keep(stream.push(chunk));
  keep(stream.end());
  return documents;
}

export function only(payload: string, format: PayloadFormat = "json"): RawDocument {
  const [document] = readAll(bytes(payload), format);
  if (document === undefined) throw new Error(`no document in ${payload}`);
  return document;
}

/** The documents' texts, or `code: message` of the error that answers the request. */
export function outcome(
  payload: Uint8Array,
  format: PayloadFormat = "json",
  sizes: readonly number[] = [1 << 20],
): string | string[] {
  try {
    return readAll(payload, format, sizes).map((document) => text(documentBytes(document)));
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
    throw error;
  }
}
