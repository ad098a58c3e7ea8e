/**
 * A JSON payload: a list of objects, or one object. As Meilisearch does: list elements are only
 * skipped over (any depth, any number), a single object is read strictly, what follows a list is
 * ignored, and an element that is no object is an internal error unless the list goes on.
 */
import type { ApiError } from "../errors/api-error.ts";
import { DocumentAssembler } from "./document-assembler.ts";
import type { DocumentStream } from "./document-stream.ts";
import { elementFault, isObject } from "./element-fault.ts";
import { JsonFault, TextPosition } from "./json-fault.ts";
import { malformedJson, notDocuments } from "./malformed-payload.ts";
import { documentBytes, type RawDocument } from "./raw-document.ts";
import { checkStrictly } from "./serde-value.ts";

type State =
  /** Nothing but whitespace so far. */
  | "start"
  /** Inside a list: before the first element, in one, behind one, behind a comma. */
  | "first"
  | "element"
  | "between"
  | "next"
  /** Behind an element that is no document; and behind the comma after it. */
  | "refused"
  | "refusedComma"
  /** In a payload that is one object, or a scalar; and behind it. */
  | "single"
  | "afterSingle"
  /** Behind the list. */
  | "ended";

const COMMA = 0x2c;
const CLOSE_LIST = 0x5d;

/** A broken single object is read again for the exact error text, up to this size. */
const STRICT_ERROR_BYTES_MAX = 16_777_216;

export class JsonDocumentStream implements DocumentStream {
  readonly #position = new TextPosition();
  readonly #assembler = new DocumentAssembler();
  #state: State = "start";
  #refusal: ApiError | undefined;
  /** Where a payload that is no list starts. */
  #origin = this.#position;

  *push(chunk: Uint8Array): Generator<RawDocument> {
    let at = 0;
    while (at < chunk.length && this.#state !== "ended") {
      try {
        if (this.#state === "element" || this.#state === "single") {
          at = this.#assembler.feed(chunk, at);
          if (!this.#assembler.scanner.isDone) continue;
          const document = this.#finished(chunk, at);
          if (document !== undefined) yield document;
        } else {
          at = this.#between(chunk, at);
        }
      } catch (error) {
        throw this.#inWords(error, chunk, at);
      }
    }
    this.#position.advance(chunk);
  }

  end(): readonly RawDocument[] {
    const nothing = new Uint8Array(0);
    try {
      switch (this.#state) {
        case "start":
        case "next":
          throw new JsonFault("EOF while parsing a value", 0);
        case "first":
        case "between":
        case "refused":
          throw new JsonFault("EOF while parsing a list", 0);
        case "refusedComma":
          throw new JsonFault("trailing characters", 0);
        case "element":
        case "single":
          this.#assembler.scanner.finish(0);
          // Only a number can end with the text.
          this.#finished(nothing, 0);
          throw new JsonFault("EOF while parsing a list", 0);
        case "afterSingle":
        case "ended":
          return [];
      }
    } catch (error) {
      throw this.#inWords(error, nothing, 0);
    }
  }

  /** Up to the next element, or behind it. */
  #between(chunk: Uint8Array, from: number): number {
    let at = from;
    let byte: number;
    do {
      if (at === chunk.length) return at;
      byte = chunk[at] ?? 0;
      at += 1;
    } while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
    switch (this.#state) {
      case "start":
        if (byte === 0x5b) this.#state = "first";
        else {
          this.#origin = this.#position.after(chunk, at - 1);
          return this.#begin("single", at - 1);
        }
        return at;
      case "first":
        if (byte !== CLOSE_LIST) return this.#begin("element", at - 1);
        this.#state = "ended";
        return at;
      case "between":
        if (byte === CLOSE_LIST) this.#state = "ended";
        else if (byte === COMMA) this.#state = "next";
        else throw new JsonFault("expected `,` or `]`", at);
        return at;
      case "next":
        if (byte === CLOSE_LIST) throw new JsonFault("trailing comma", at);
        return this.#begin("element", at - 1);
      case "refused":
        if (byte === CLOSE_LIST && this.#refusal !== undefined) throw this.#refusal;
        if (byte !== COMMA) throw new JsonFault("trailing characters", at);
        this.#state = "refusedComma";
        return at;
      case "refusedComma":
        throw new JsonFault(byte === CLOSE_LIST ? "trailing comma" : "trailing characters", at);
      case "afterSingle":
        throw new JsonFault("trailing characters", at);
      case "element":
      case "single":
      case "ended":
        throw new Error(`nothing is read between values in state ${this.#state}`);
    }
  }

  #begin(state: "element" | "single", at: number): number {
    this.#assembler.begin();
    this.#state = state;
    return at;
  }

  /** The document that ended before `end`, or undefined when the value is none. */
  #finished(chunk: Uint8Array, end: number): RawDocument | undefined {
    const document = this.#assembler.take(chunk, end);
    const isText = this.#assembler.isUtf8(document);
    if (this.#state === "single") {
      this.#state = "afterSingle";
      if (!isObject(document) || !isText || document.needsStrictCheck) {
        this.#checkStrictly(documentBytes(document));
      }
      if (isObject(document)) return document;
      throw notDocuments("json");
    }
    if (!isText) throw new JsonFault("invalid unicode code point", end);
    this.#refusal = elementFault("json", document);
    this.#state = this.#refusal === undefined ? "between" : "refused";
    return this.#refusal === undefined ? document : undefined;
  }

  #checkStrictly(bytes: Uint8Array): void {
    try {
      checkStrictly(bytes);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      throw malformedJson("json", this.#origin.describe(error.reason, bytes, error.index));
    }
  }

  /** A fault as the `ApiError` that answers the request; `at` is where reading began. */
  #inWords(error: unknown, chunk: Uint8Array, at: number): unknown {
    if (!(error instanceof JsonFault)) return error;
    if (this.#state === "single" && this.#assembler.scanner.size < STRICT_ERROR_BYTES_MAX) {
      try {
        this.#checkStrictly(this.#assembler.gathered(chunk.subarray(at)));
      } catch (strict) {
        return strict;
      }
    }
    return malformedJson("json", this.#position.describe(error.reason, chunk, error.index));
  }
}
