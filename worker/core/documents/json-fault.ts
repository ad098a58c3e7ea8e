/**
 * A syntax error in JSON text, in the words of serde_json, and where it stands. `index` counts the
 * bytes that were read when it was noticed; a stream turns that into the line and column which
 * Meilisearch shows. Thrown inside this folder only: streams answer clients with an `ApiError`.
 */
export type JsonReason =
  | "EOF while parsing a list"
  | "EOF while parsing an object"
  | "EOF while parsing a string"
  | "EOF while parsing a value"
  | "expected `:`"
  | "expected `,` or `]`"
  | "expected `,` or `}`"
  | "expected ident"
  | "expected value"
  | "invalid escape"
  | "invalid number"
  | "number out of range"
  | "invalid unicode code point"
  | "control character (\\u0000-\\u001F) found while parsing a string"
  | "key must be a string"
  | "lone leading surrogate in hex escape"
  | "trailing comma"
  | "trailing characters"
  | "unexpected end of hex escape"
  | "recursion limit exceeded";

export class JsonFault extends Error {
  readonly reason: JsonReason;
  readonly index: number;

  constructor(reason: JsonReason, index: number) {
    super(reason);
    this.name = "JsonFault";
    this.reason = reason;
    this.index = index;
  }
}

const NEWLINE = 0x0a;

/** Lines and columns of a text that arrives in chunks; counted only as far as errors need them. */
export class TextPosition {
  #bytesBefore = 0;
  #lines = 1;
  #lineStart = 0;

  /** Move past a whole chunk. */
  advance(chunk: Uint8Array): void {
    this.#countLines(chunk, chunk.length);
    this.#bytesBefore += chunk.length;
  }

  /** `reason at line … column …` for a fault that was noticed after `index` bytes of the chunk. */
  describe(reason: string, chunk: Uint8Array, index: number): string {
    const lines = this.#lines;
    const lineStart = this.#lineStart;
    this.#countLines(chunk, index);
    const text = `${reason} at line ${this.#lines} column ${this.#bytesBefore + index - this.#lineStart}`;
    this.#lines = lines;
    this.#lineStart = lineStart;
    return text;
  }

  /** The position after `index` bytes of the chunk. */
  after(chunk: Uint8Array, index: number): TextPosition {
    const later = new TextPosition();
    later.#bytesBefore = this.#bytesBefore;
    later.#lines = this.#lines;
    later.#lineStart = this.#lineStart;
    later.advance(chunk.subarray(0, index));
    return later;
  }

  #countLines(chunk: Uint8Array, end: number): void {
    let at = chunk.indexOf(NEWLINE);
    while (at !== -1 && at < end) {
      this.#lines += 1;
      this.#lineStart = this.#bytesBefore + at + 1;
      at = chunk.indexOf(NEWLINE, at + 1);
    }
  }
}
