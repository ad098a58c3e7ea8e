/**
 * Recognises one JSON value in bytes that come in any number of pieces, without building it, and
 * notes where the members of the outermost object stand. Accepts exactly what serde_json accepts as
 * a raw value: unbounded depth, numbers of any size, lone `\ud800` escapes in values. UTF-8 is only
 * noticed here (`hasHighBytes`), and checked by the caller once per value.
 */
import { JsonFault, type JsonReason } from "./json-fault.ts";

// States before `STRING` expect a token and skip whitespace; numbers come last.
const VALUE = 0;
const FIRST_ELEMENT = 1;
const FIRST_KEY = 2;
const KEY = 3;
const COLON = 4;
const AFTER_VALUE = 5;
const STRING = 6;
const ESCAPE = 7;
const HEX = 8;
const LITERAL = 9;
const DONE = 10;
const MINUS = 11;
const ZERO = 12;
const INTEGER = 13;
const POINT = 14;
const FRACTION = 15;
const EXPONENT = 16;
const EXPONENT_SIGN = 17;
const EXPONENT_DIGITS = 18;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const LETTER_U = 0x75;

/** Depth from which serde_json refuses to build a value (but not to skip one). */
const DEPTH_LIMIT = 128;
/** A number of no more bytes and exponent digits is never out of the range of a double. */
const DIGITS_SAFE = 200;
const EXPONENT_DIGITS_SAFE = 2;

export class ValueScanner {
  /** Bytes of the value read so far, leading whitespace included. */
  size = 0;
  /** Per member of the outermost object: key start, key end (quotes included), value start, end. */
  members: number[] = [];
  hasHighBytes = false;
  hasEscapedKey = false;
  /** True when serde_json could refuse to build this value though it is well formed. */
  needsStrictCheck = false;

  #state = VALUE;
  #depth = 0;
  /** One bit per open container: set for objects. */
  #frames = new Uint8Array(16);
  #shift = 0;
  #isKey = false;
  #literal = "";
  #literalAt = 0;
  #hexLead = 0;
  #hexCount = 0;
  #hexValid = true;
  #keyStart = 0;
  #keyEnd = 0;
  #valueStart = 0;

  start(): void {
    this.size = 0;
    this.members = [];
    this.hasHighBytes = false;
    this.hasEscapedKey = false;
    this.needsStrictCheck = false;
    this.#state = VALUE;
    this.#depth = 0;
  }

  get isDone(): boolean {
    return this.#state === DONE;
  }

  /**
   * Read on from `at`; returns the position after the value, or `end` when it goes on in the next
   * piece. A number ends only at the byte after it, so call `finish` at the end of the text.
   */
  scan(bytes: Uint8Array, at: number, end: number): number {
    this.#shift = this.size - at;
    let position = at;
    while (position < end) {
      const state = this.#state;
      if (state < STRING) position = this.#token(bytes, position, end);
      else if (state === STRING) position = this.#string(bytes, position, end);
      else if (state === DONE) break;
      else if (state > DONE) position = this.#number(bytes, position, end);
      else if (state === LITERAL) position = this.#readLiteral(bytes, position, end);
      else position = this.#escape(bytes[position] ?? 0, position + 1);
    }
    this.size += position - at;
    return position;
  }

  /** The text ends here: the value must be complete. `index` is for the fault. */
  finish(index: number): void {
    if (this.#depth === 0 && this.#state > DONE && this.#numberMayEnd()) this.#state = DONE;
    if (this.#state !== DONE) throw new JsonFault(this.#endReason(), index);
  }

  #token(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    let byte: number;
    do {
      if (at === end) return at;
      byte = bytes[at] ?? 0;
      at += 1;
    } while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
    switch (this.#state) {
      case AFTER_VALUE:
        return this.#afterValue(byte, at);
      case COLON:
        if (byte !== 0x3a) throw new JsonFault("expected `:`", at);
        this.#state = VALUE;
        return at;
      case FIRST_KEY:
        return byte === CLOSE_OBJECT ? this.#close(at) : this.#key(byte, at);
      case KEY:
        return this.#key(byte, at);
      case FIRST_ELEMENT:
        return byte === CLOSE_LIST ? this.#close(at) : this.#value(byte, at);
      default:
        return this.#value(byte, at);
    }
  }

  #key(byte: number, at: number): number {
    if (byte !== QUOTE) throw new JsonFault("key must be a string", at);
    if (this.#depth === 1) this.#keyStart = at - 1 + this.#shift;
    this.#isKey = true;
    this.#state = STRING;
    return at;
  }

  #value(byte: number, at: number): number {
    if (this.#depth === 1) this.#valueStart = at - 1 + this.#shift;
    if (byte === QUOTE) {
      this.#isKey = false;
      this.#state = STRING;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#open(byte === OPEN_OBJECT);
    else if (byte >= 0x31 && byte <= 0x39) this.#state = INTEGER;
    else if (byte === 0x30) this.#state = ZERO;
    else if (byte === 0x2d) this.#state = MINUS;
    else if (byte === 0x6e) this.#startLiteral("null");
    else if (byte === 0x74) this.#startLiteral("true");
    else if (byte === 0x66) this.#startLiteral("false");
    else throw new JsonFault("expected value", at);
    return at;
  }

  #startLiteral(text: string): void {
    this.#literal = text;
    this.#literalAt = 1;
    this.#state = LITERAL;
  }

  #open(isObject: boolean): void {
    const depth = this.#depth;
    if (depth >> 3 === this.#frames.length) {
      const grown = new Uint8Array(this.#frames.length * 2);
      grown.set(this.#frames);
      this.#frames = grown;
    }
    const bit = 1 << (depth & 7);
    const frame = this.#frames[depth >> 3] ?? 0;
    this.#frames[depth >> 3] = isObject ? frame | bit : frame & ~bit;
    this.#depth = depth + 1;
    if (this.#depth === DEPTH_LIMIT) this.needsStrictCheck = true;
    this.#state = isObject ? FIRST_KEY : FIRST_ELEMENT;
  }

  #inObject(): boolean {
    const inner = this.#depth - 1;
    return (((this.#frames[inner >> 3] ?? 0) >> (inner & 7)) & 1) === 1;
  }

  #close(at: number): number {
    this.#depth -= 1;
    return this.#ended(at);
  }

  /** A value is complete before `at`. */
  #ended(at: number): number {
    if (this.#depth === 1) {
      const { members } = this;
      members.push(this.#keyStart, this.#keyEnd, this.#valueStart, at + this.#shift);
    }
    this.#state = this.#depth === 0 ? DONE : AFTER_VALUE;
    return at;
  }

  #afterValue(byte: number, at: number): number {
    if (this.#inObject()) {
      if (byte === CLOSE_OBJECT) return this.#close(at);
      if (byte !== COMMA) throw new JsonFault("expected `,` or `}`", at);
      this.#state = KEY;
    } else {
      if (byte === CLOSE_LIST) return this.#close(at);
      if (byte !== COMMA) throw new JsonFault("expected `,` or `]`", at);
      this.#state = VALUE;
    }
    return at;
  }

  #string(bytes: Uint8Array, from: number, end: number): number {
    let high = 0;
    let at = from;
    for (; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte > BACKSLASH) {
        high |= byte;
      } else if (byte === QUOTE) {
        this.#endString(at + 1);
        at += 1;
        break;
      } else if (byte === BACKSLASH) {
        this.#state = ESCAPE;
        at += 1;
        break;
      } else if (byte < 0x20) {
        throw new JsonFault("control character (\\u0000-\\u001F) found while parsing a string", at);
      }
    }
    if (high > 0x7f) this.hasHighBytes = true;
    return at;
  }

  #endString(at: number): void {
    if (!this.#isKey) {
      this.#ended(at);
      return;
    }
    if (this.#depth === 1) this.#keyEnd = at + this.#shift;
    this.#state = COLON;
  }

  /** One byte of an escape; serde_json looks at the four hex digits together. */
  #escape(byte: number, at: number): number {
    if (this.#state === HEX) {
      this.#hexValid &&= isHexDigit(byte);
      if (this.#hexCount === 0) this.#hexLead = byte;
      // Only `\ud800` to `\udfff` can be half of a pair.
      else if (this.#hexCount === 1 && (this.#hexLead | 0x20) === 0x64 && byte > 0x37) {
        this.needsStrictCheck = true;
      }
      this.#hexCount += 1;
      if (this.#hexCount === 4) {
        if (!this.#hexValid) throw new JsonFault("invalid escape", at);
        this.#state = STRING;
      }
      return at;
    }
    if (this.#isKey && this.#depth === 1) this.hasEscapedKey = true;
    if (byte === LETTER_U) {
      this.#hexCount = 0;
      this.#hexValid = true;
      this.#state = HEX;
    } else if (isSimpleEscape(byte)) this.#state = STRING;
    else throw new JsonFault("invalid escape", at);
    return at;
  }

  #readLiteral(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && this.#literalAt < this.#literal.length) {
      if (bytes[at] !== this.#literal.charCodeAt(this.#literalAt)) {
        throw new JsonFault("expected ident", at + 1);
      }
      at += 1;
      this.#literalAt += 1;
    }
    return this.#literalAt === this.#literal.length ? this.#ended(at) : at;
  }

  #number(bytes: Uint8Array, from: number, end: number): number {
    let state = this.#state;
    let at = from;
    let exponentDigits = 0;
    for (; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (state === INTEGER && byte >= 0x30 && byte <= 0x39) continue;
      const next = afterNumberByte(state, byte);
      if (next === DONE) {
        if (exponentDigits > EXPONENT_DIGITS_SAFE || at - from > DIGITS_SAFE) {
          this.needsStrictCheck = true;
        }
        return this.#ended(at);
      }
      if (next === VALUE) throw new JsonFault("invalid number", at + 1);
      state = next;
      if (state === EXPONENT_DIGITS) exponentDigits += 1;
    }
    // It may go on in the next piece, where its length so far is forgotten.
    this.needsStrictCheck = true;
    this.#state = state;
    return at;
  }

  #numberMayEnd(): boolean {
    return afterNumberByte(this.#state, 0) === DONE;
  }

  #endReason(): JsonReason {
    const state = this.#state;
    if (state === STRING || state === ESCAPE || state === HEX) return "EOF while parsing a string";
    if (state > DONE && !this.#numberMayEnd()) return "invalid number";
    if (state === VALUE || state === LITERAL) return "EOF while parsing a value";
    return this.#inObject() ? "EOF while parsing an object" : "EOF while parsing a list";
  }
}

/** The state after one more byte of a number: `DONE` before a byte behind it, `VALUE` on a fault. */
function afterNumberByte(state: number, byte: number): number {
  const isDigit = byte >= 0x30 && byte <= 0x39;
  switch (state) {
    case MINUS:
      if (byte === 0x30) return ZERO;
      return isDigit ? INTEGER : VALUE;
    case ZERO:
      if (isDigit) return VALUE;
      return afterInteger(byte);
    case INTEGER:
      return isDigit ? INTEGER : afterInteger(byte);
    case POINT:
      return isDigit ? FRACTION : VALUE;
    case FRACTION:
      if (isDigit) return FRACTION;
      return isExponentLetter(byte) ? EXPONENT : DONE;
    case EXPONENT:
      if (byte === 0x2b || byte === 0x2d) return EXPONENT_SIGN;
      return isDigit ? EXPONENT_DIGITS : VALUE;
    case EXPONENT_SIGN:
      return isDigit ? EXPONENT_DIGITS : VALUE;
    default:
      return isDigit ? EXPONENT_DIGITS : DONE;
  }
}

function afterInteger(byte: number): number {
  if (byte === 0x2e) return POINT;
  return isExponentLetter(byte) ? EXPONENT : DONE;
}

function isExponentLetter(byte: number): boolean {
  return byte === 0x65 || byte === 0x45;
}

function isHexDigit(byte: number): boolean {
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66);
}

/** `"`, `\`, `/`, b, f, n, r, t. */
function isSimpleEscape(byte: number): boolean {
  switch (byte) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return true;
    default:
      return false;
  }
}
