/**
 * Reads a complete JSON text as serde_json builds a `Value`, which is stricter than skipping one
 * (depth, number range, surrogates, its own error texts), and prints it compactly as serde_json
 * does: what Meilisearch shows of documents in its errors. Off the fast path: used on errors, and
 * on the rare single object that a scan alone cannot vouch for.
 */
import { JsonFault, type JsonReason } from "./json-fault.ts";
import { checkSurrogates, decodeJsonString, decodeUtf8 } from "./json-string.ts";
import { printFloat, readNumber } from "./serde-number.ts";
import { ValueScanner } from "./value-scanner.ts";

/** serde_json's compact text of the value in `bytes`; throws a `JsonFault` if it is none. */
export function compactJson(bytes: Uint8Array): string {
  return new SerdeReader(bytes, true).document();
}

/** Throws the `JsonFault` that serde_json would report for building this value. */
export function checkStrictly(bytes: Uint8Array): void {
  new SerdeReader(bytes, false).document();
}

const DEPTH_MAX = 127;
const QUOTE = 0x22;

class SerdeReader {
  readonly #bytes: Uint8Array;
  readonly #prints: boolean;
  #at = 0;

  constructor(bytes: Uint8Array, prints: boolean) {
    this.#bytes = bytes;
    this.#prints = prints;
  }

  document(): string {
    const text = this.#value(1);
    if (this.#peek() !== undefined) throw this.#fault("trailing characters");
    return text;
  }

  /** The next byte that is not whitespace, not consumed. */
  #peek(): number | undefined {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.#at += 1;
    }
  }

  /** A fault at the byte that was peeked. */
  #fault(reason: JsonReason): JsonFault {
    return new JsonFault(reason, Math.min(this.#at + 1, this.#bytes.length));
  }

  #value(depth: number): string {
    const byte = this.#peek();
    switch (byte) {
      case undefined:
        throw this.#fault("EOF while parsing a value");
      case 0x7b:
        this.#enter(depth);
        return this.#object(depth);
      case 0x5b:
        this.#enter(depth);
        return this.#list(depth);
      case QUOTE:
        return this.#string();
      case 0x6e:
        return this.#literal("null");
      case 0x74:
        return this.#literal("true");
      case 0x66:
        return this.#literal("false");
      default:
        if (byte === 0x2d || (byte >= 0x30 && byte <= 0x39)) return this.#number();
        throw this.#fault("expected value");
    }
  }

  #enter(depth: number): void {
    if (depth > DEPTH_MAX) throw this.#fault("recursion limit exceeded");
    this.#at += 1;
  }

  #object(depth: number): string {
    // As serde_json does: the last of several equal keys wins, at the place of the first.
    const members = new Map<string, string>();
    for (let isFirst = true; ; isFirst = false) {
      let byte = this.#peek();
      if (byte === undefined) throw this.#fault("EOF while parsing an object");
      if (byte === 0x7d) break;
      if (!isFirst) {
        if (byte !== 0x2c) throw this.#fault("expected `,` or `}`");
        this.#at += 1;
        byte = this.#peek();
        if (byte === undefined) throw this.#fault("EOF while parsing a value");
        if (byte === 0x7d) throw this.#fault("trailing comma");
      }
      if (byte !== QUOTE) throw this.#fault("key must be a string");
      const key = this.#string();
      const colon = this.#peek();
      if (colon === undefined) throw this.#fault("EOF while parsing an object");
      if (colon !== 0x3a) throw this.#fault("expected `:`");
      this.#at += 1;
      const value = this.#value(depth + 1);
      if (this.#prints) members.set(key, value);
    }
    this.#at += 1;
    return `{${[...members].map(([key, value]) => `${key}:${value}`).join(",")}}`;
  }

  #list(depth: number): string {
    const elements: string[] = [];
    for (let isFirst = true; ; isFirst = false) {
      const byte = this.#peek();
      if (byte === undefined) throw this.#fault("EOF while parsing a list");
      if (byte === 0x5d) break;
      if (!isFirst) {
        if (byte !== 0x2c) throw this.#fault("expected `,` or `]`");
        this.#at += 1;
        if (this.#peek() === 0x5d) throw this.#fault("trailing comma");
      }
      const value = this.#value(depth + 1);
      if (this.#prints) elements.push(value);
    }
    this.#at += 1;
    return `[${elements.join(",")}]`;
  }

  #string(): string {
    const start = this.#at + 1;
    const scanner = new ValueScanner();
    scanner.start();
    let fault: JsonFault | undefined;
    try {
      this.#at = scanner.scan(this.#bytes, this.#at, this.#bytes.length);
      if (!scanner.isDone) throw new JsonFault("EOF while parsing a string", this.#at);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      fault = error;
    }
    if (fault !== undefined) throw this.#stringFault(start, fault);
    const raw = this.#bytes.subarray(start, this.#at - 1);
    return inText(start, () => {
      if (this.#prints) return JSON.stringify(decodeJsonString(raw));
      checkSurrogates(raw);
      if (scanner.hasHighBytes && decodeUtf8(raw) === undefined) {
        throw new JsonFault("invalid unicode code point", raw.length + 1);
      }
      return "";
    });
  }

  /** What serde_json says of a string that a scan refused: surrogates before it come first. */
  #stringFault(start: number, fault: JsonFault): JsonFault {
    if (fault.reason === "EOF while parsing a string") return fault;
    inText(start, () => checkSurrogates(this.#bytes.subarray(start, fault.index)));
    // Unlike when skipping, a control character counts as read.
    return fault.reason === "invalid escape" ? fault : new JsonFault(fault.reason, fault.index + 1);
  }

  #literal(text: string): string {
    for (const character of text) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw this.#fault("EOF while parsing a value");
      this.#at += 1;
      if (byte !== character.charCodeAt(0)) throw new JsonFault("expected ident", this.#at);
    }
    return text;
  }

  #number(): string {
    const start = this.#at;
    const scanner = new ValueScanner();
    scanner.start();
    try {
      this.#at = scanner.scan(this.#bytes, start, this.#bytes.length);
      scanner.finish(this.#at);
    } catch (error) {
      // Unlike when skipping, a number that lacks a digit at the end of the text is unfinished.
      if (error instanceof JsonFault && this.#at === this.#bytes.length) {
        throw new JsonFault("EOF while parsing a value", this.#at);
      }
      throw error;
    }
    const text = String.fromCharCode(...this.#bytes.subarray(start, this.#at));
    const number = readNumber(text);
    if (number === undefined) throw new JsonFault("number out of range", this.#at);
    return number.kind === "integer" ? number.text : printFloat(number.value);
  }
}

/** Run a check of a part of the text; its faults count from that part's start. */
function inText<T>(start: number, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof JsonFault) throw new JsonFault(error.reason, start + error.index);
    throw error;
  }
}
