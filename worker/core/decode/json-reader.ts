/**
 * Reads a request body as JSON. It accepts exactly what Meilisearch accepts, and names a mistake
 * as it does (`expected value at line 1 column 1`): columns count bytes, depth ends at 127.
 */
import { type Json, jsonNumber } from "./json.ts";

export class JsonSyntaxError extends Error {}

const DEPTH_MAX = 128;

const TAB = 9;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** The value of a complete JSON text; throws `JsonSyntaxError`. */
export function readJson(text: string): Json {
  const reader = new Reader(text);
  const value = reader.value(DEPTH_MAX);
  reader.end();
  return value;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): Json {
    const code = this.peek();
    if (Number.isNaN(code)) throw this.peekError("EOF while parsing a value");
    if (code === QUOTE) return this.string();
    if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (depth === 1) throw this.peekError("recursion limit exceeded");
      return code === OPEN_BRACE ? this.object(depth - 1) : this.array(depth - 1);
    }
    if (code === MINUS || isDigit(code)) return this.number();
    const letter = this.text[this.at];
    if (letter === "t") return this.word("true", true);
    if (letter === "f") return this.word("false", false);
    if (letter === "n") return this.word("null", null);
    throw this.peekError("expected value");
  }

  end(): void {
    if (!Number.isNaN(this.peek())) throw this.peekError("trailing characters");
  }

  private array(depth: number): Json {
    this.at += 1;
    const elements: Json[] = [];
    for (;;) {
      const code = this.peek();
      if (Number.isNaN(code)) throw this.peekError("EOF while parsing a list");
      if (code === CLOSE_BRACKET) break;
      if (elements.length > 0) {
        if (code !== COMMA) throw this.peekError("expected `,` or `]`");
        this.at += 1;
        if (this.peek() === CLOSE_BRACKET) throw this.peekError("trailing comma");
      }
      elements.push(this.value(depth));
    }
    this.at += 1;
    return elements;
  }

  private object(depth: number): Json {
    this.at += 1;
    const members = new Map<string, Json>();
    for (let first = true; ; first = false) {
      let code = this.peek();
      if (Number.isNaN(code)) throw this.peekError("EOF while parsing an object");
      if (code === CLOSE_BRACE) break;
      if (!first) {
        if (code !== COMMA) throw this.peekError("expected `,` or `}`");
        this.at += 1;
        code = this.peek();
        if (code === CLOSE_BRACE) throw this.peekError("trailing comma");
        if (Number.isNaN(code)) throw this.peekError("EOF while parsing a value");
      }
      if (code !== QUOTE) throw this.peekError("key must be a string");
      const key = this.string();
      this.colon();
      members.set(key, this.value(depth));
    }
    this.at += 1;
    return members;
  }

  private colon(): void {
    const code = this.peek();
    if (Number.isNaN(code)) throw this.peekError("EOF while parsing an object");
    if (code !== COLON) throw this.peekError("expected `:`");
    this.at += 1;
  }

  private word<T extends Json>(word: string, value: T): T {
    for (const letter of word) {
      if (this.at === this.text.length) throw this.error("EOF while parsing a value");
      this.at += 1;
      if (this.text[this.at - 1] !== letter) throw this.consumedError("expected ident");
    }
    return value;
  }

  private number(): Json {
    const start = this.at;
    if (this.code() === MINUS) this.at += 1;
    const first = this.code();
    if (Number.isNaN(first)) throw this.error("EOF while parsing a value");
    this.at += 1;
    if (!isDigit(first)) throw this.consumedError("invalid number");
    if (first === ZERO && isDigit(this.code())) throw this.peekError("invalid number");
    this.digits();
    let integer = true;
    if (this.code() === POINT) {
      integer = false;
      this.at += 1;
      if (!isDigit(this.code())) {
        throw this.peekError(
          Number.isNaN(this.code()) ? "EOF while parsing a value" : "invalid number",
        );
      }
      this.digits();
    }
    if (this.text[this.at] === "e" || this.text[this.at] === "E") {
      integer = false;
      this.exponent();
    }
    const number = jsonNumber(this.text.slice(start, this.at), integer);
    if (!Number.isFinite(number.value)) throw this.error("number out of range");
    return number;
  }

  private exponent(): void {
    this.at += 1;
    if (this.code() === PLUS || this.code() === MINUS) this.at += 1;
    if (Number.isNaN(this.code())) throw this.error("EOF while parsing a value");
    this.at += 1;
    if (!isDigit(this.text.charCodeAt(this.at - 1))) throw this.consumedError("invalid number");
    this.digits();
  }

  private digits(): void {
    while (isDigit(this.code())) this.at += 1;
  }

  private string(): string {
    this.at += 1;
    let start = this.at;
    let unescaped = "";
    for (;;) {
      const code = this.code();
      if (code === QUOTE) break;
      if (Number.isNaN(code)) throw this.error("EOF while parsing a string");
      this.at += 1;
      if (code < SPACE) {
        throw this.error("control character (\\u0000-\\u001F) found while parsing a string");
      }
      if (code === BACKSLASH) {
        unescaped += this.text.slice(start, this.at - 1) + this.escape();
        start = this.at;
      }
    }
    const value = unescaped + this.text.slice(start, this.at);
    this.at += 1;
    return value;
  }

  private escape(): string {
    const letter = this.text[this.at];
    if (letter === undefined) throw this.error("EOF while parsing a string");
    this.at += 1;
    if (letter === "u") return this.unicodeEscape();
    const character = ESCAPES.get(letter);
    if (character === undefined) throw this.consumedError("invalid escape");
    return character;
  }

  private unicodeEscape(): string {
    const first = this.hexEscape();
    if (first >= 0xdc00 && first <= 0xdfff) throw this.loneSurrogate();
    if (first < 0xd800 || first > 0xdbff) return String.fromCharCode(first);
    for (const expected of ["\\", "u"]) {
      if (this.at === this.text.length) throw this.error("EOF while parsing a string");
      this.at += 1;
      if (this.text[this.at - 1] !== expected) {
        throw this.consumedError("unexpected end of hex escape");
      }
    }
    const second = this.hexEscape();
    if (second < 0xdc00 || second > 0xdfff) throw this.loneSurrogate();
    return String.fromCharCode(first, second);
  }

  private hexEscape(): number {
    const hex = this.text.slice(this.at, this.at + 4);
    this.at += hex.length;
    if (hex.length < 4) throw this.error("EOF while parsing a string");
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.error("invalid escape");
    return Number.parseInt(hex, 16);
  }

  private loneSurrogate(): JsonSyntaxError {
    return this.error("lone leading surrogate in hex escape");
  }

  /** The next code unit that is not white space, or NaN at the end; stays before it. */
  private peek(): number {
    for (;;) {
      const code = this.code();
      const blank =
        code === SPACE || code === LINE_FEED || code === CARRIAGE_RETURN || code === TAB;
      if (!blank) return code;
      this.at += 1;
    }
  }

  private code(): number {
    return this.text.charCodeAt(this.at);
  }

  /** The mistake lies in what comes after `at`, or in the end of the text. */
  private error(mistake: string): JsonSyntaxError {
    return this.errorAt(mistake, this.at, 0);
  }

  /** The mistake is the next character: its first byte counts. */
  private peekError(mistake: string): JsonSyntaxError {
    return this.errorAt(mistake, this.at, this.at < this.text.length ? 1 : 0);
  }

  /** The mistake is the character just consumed: its first byte counts. */
  private consumedError(mistake: string): JsonSyntaxError {
    return this.errorAt(mistake, this.at - 1, 1);
  }

  private errorAt(mistake: string, end: number, more: number): JsonSyntaxError {
    const before = this.text.slice(0, end);
    const line = before.split("\n").length;
    const lineStart = before.lastIndexOf("\n") + 1;
    const column = new TextEncoder().encode(before.slice(lineStart)).length + more;
    return new JsonSyntaxError(`${mistake} at line ${line} column ${column}`);
  }
}
