/**
 * An NDJSON payload. As Meilisearch does: newlines mean nothing, objects may follow each other
 * directly or span lines; only a scalar needs whitespace or a bracket behind it, to be refused
 * in its own way.
 */
import type { ApiError } from "../errors/api-error.ts";
import { DocumentAssembler } from "./document-assembler.ts";
import type { DocumentStream } from "./document-stream.ts";
import { elementFault } from "./element-fault.ts";
import { JsonFault, TextPosition } from "./json-fault.ts";
import { malformedJson } from "./malformed-payload.ts";
import type { RawDocument } from "./raw-document.ts";

const encoder = new TextEncoder();

/** Bytes that may stand right behind a scalar. */
const BEHIND_SCALAR = new Set(encoder.encode(' \n\t\r"[]{},:'));
/** First bytes of values that show their own end. */
const SELF_DELIMITED = new Set(encoder.encode('"[{'));

export class NdjsonDocumentStream implements DocumentStream {
  readonly #position = new TextPosition();
  readonly #assembler = new DocumentAssembler();
  #isInside = false;
  /** A scalar was read; what stands behind it decides between two errors. */
  #refusal: ApiError | undefined;

  *push(chunk: Uint8Array): Generator<RawDocument> {
    let at = 0;
    while (at < chunk.length) {
      try {
        if (this.#refusal !== undefined) this.#refuse(chunk[at] ?? 0, at);
        if (this.#isInside) {
          at = this.#assembler.feed(chunk, at);
          if (!this.#assembler.scanner.isDone) continue;
          const document = this.#finished(chunk, at);
          if (document !== undefined) yield document;
        } else {
          at = this.#begin(chunk, at);
        }
      } catch (error) {
        throw this.#inWords(error, chunk);
      }
    }
    this.#position.advance(chunk);
  }

  end(): readonly RawDocument[] {
    const nothing = new Uint8Array(0);
    try {
      if (this.#isInside) {
        this.#assembler.scanner.finish(0);
        this.#finished(nothing, 0);
      }
    } catch (error) {
      throw this.#inWords(error, nothing);
    }
    if (this.#refusal !== undefined) throw this.#refusal;
    return [];
  }

  #begin(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.#assembler.begin();
        this.#isInside = true;
        break;
      }
      at += 1;
    }
    return at;
  }

  #finished(chunk: Uint8Array, end: number): RawDocument | undefined {
    this.#isInside = false;
    const document = this.#assembler.take(chunk, end);
    if (!this.#assembler.isUtf8(document)) throw new JsonFault("invalid unicode code point", end);
    const fault = elementFault("ndjson", document);
    if (fault === undefined) return document;
    if (SELF_DELIMITED.has(document.pieces[0]?.[0] ?? 0)) throw fault;
    this.#refusal = fault;
    return undefined;
  }

  #refuse(byte: number, at: number): never {
    if (!BEHIND_SCALAR.has(byte)) throw new JsonFault("trailing characters", at + 1);
    throw this.#refusal;
  }

  #inWords(error: unknown, chunk: Uint8Array): unknown {
    if (!(error instanceof JsonFault)) return error;
    return malformedJson("ndjson", this.#position.describe(error.reason, chunk, error.index));
  }
}
