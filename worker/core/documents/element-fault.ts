/**
 * What Meilisearch says of a list element or NDJSON value that is well formed but no document:
 * anything but an object is an internal error; an object whose keys cannot be decoded is malformed.
 */
import type { ApiError } from "../errors/api-error.ts";
import { checkKeys } from "./document-assembler.ts";
import { JsonFault, TextPosition } from "./json-fault.ts";
import { decodeJsonString } from "./json-string.ts";
import { malformedJson, notAnObject, type PayloadFormat } from "./malformed-payload.ts";
import { documentBytes, type RawDocument } from "./raw-document.ts";
import { printFloat, readNumber } from "./serde-number.ts";

const OPEN_OBJECT = 0x7b;
const OPEN_LIST = 0x5b;
const QUOTE = 0x22;

export function isObject(value: RawDocument): boolean {
  return value.pieces[0]?.[0] === OPEN_OBJECT;
}

/** The error for this value, or undefined when it is a document. Positions count within it. */
export function elementFault(format: PayloadFormat, value: RawDocument): ApiError | undefined {
  if (isObject(value) && !value.hasEscapedKey) return undefined;
  try {
    if (isObject(value)) {
      checkKeys(value);
      return undefined;
    }
    return notAnObject(`${invalidType(documentBytes(value), "a map")}`);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const position = new TextPosition();
    return malformedJson(
      format,
      position.describe(error.reason, documentBytes(value), error.index),
    );
  }
}

/** serde_json's text for a well-formed value of the wrong type. */
export function invalidType(bytes: Uint8Array, expected: string): string {
  const behind = (what: string, index = bytes.length): string =>
    new TextPosition().describe(`invalid type: ${what}, expected ${expected}`, bytes, index);
  const [first] = bytes;
  if (first === OPEN_LIST) return behind("sequence", 0);
  if (first === OPEN_OBJECT) return behind("map", 0);
  if (first === QUOTE) return behind(`string ${quoted(decodeText(bytes))}`);
  const text = String.fromCharCode(...bytes);
  if (text === "null") return behind("null");
  if (text === "true" || text === "false") return behind(`boolean \`${text}\``);
  const number = readNumber(text);
  if (number === undefined) throw new JsonFault("number out of range", bytes.length);
  return number.kind === "integer"
    ? behind(`integer \`${number.text}\``)
    : behind(`floating point \`${printFloat(number.value)}\``);
}

function decodeText(bytes: Uint8Array): string {
  try {
    return decodeJsonString(bytes.subarray(1, -1));
  } catch (error) {
    if (error instanceof JsonFault) throw new JsonFault(error.reason, error.index + 1);
    throw error;
  }
}

/** A text as Rust's `{:?}` prints it. */
export function quoted(text: string): string {
  const body = text.replace(/["\\\p{C}\p{Grapheme_Extend}]/gu, (character) => {
    switch (character) {
      case '"':
      case "\\":
        return `\\${character}`;
      case "\n":
        return "\\n";
      case "\r":
        return "\\r";
      case "\t":
        return "\\t";
      case "\0":
        return "\\0";
      default:
        return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
    }
  });
  return `"${body}"`;
}
