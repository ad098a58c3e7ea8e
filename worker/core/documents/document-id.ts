/**
 * A document's id, found in its raw bytes and validated as Meilisearch does. It comes out as the
 * bytes of its canonical text (`1` and `"1"` are one id), mostly a view of the document: it is only
 * hashed, so it never becomes a JavaScript number, nor a string.
 */
import { errorBody, type ErrorBody } from "../errors/api-error.ts";
import { JsonFault } from "./json-fault.ts";
import { decodeJsonString, decodeUtf8 } from "./json-string.ts";
import { primaryKey, type KeyLevel, type PrimaryKey } from "./primary-key.ts";
import { documentBytes, keyIs, memberCount, rawValue, type RawDocument } from "./raw-document.ts";
import { readNumber } from "./serde-number.ts";
import { compactJson } from "./serde-value.ts";
import { ValueScanner } from "./value-scanner.ts";

const encoder = new TextEncoder();

const OPEN_OBJECT = 0x7b;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ID_BYTES_MAX = 511;
/** A shorter text of an integer fits 64 bits, with a sign or without. */
const SAFE_LENGTH = 19;
/** A document is shown whole in its error, as Meilisearch does, but not beyond what a task can hold. */
const SHOWN_CHARACTERS_MAX = 100_000;

type Finding =
  | { readonly kind: "id"; readonly id: Uint8Array }
  | { readonly kind: "invalid"; readonly value: Uint8Array }
  | { readonly kind: "tooMany" };

/** The id, or the error that fails the whole task. */
export function findDocumentId(document: RawDocument, key: PrimaryKey): Uint8Array | ErrorBody {
  const finding = findAmong(document, key.levels);
  switch (finding?.kind) {
    case "id":
      return finding.id;
    case "invalid":
      return errorBody(
        "invalid_document_id",
        `Document identifier \`${shown(finding.value)}\` is invalid. A document identifier can be of type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 bytes.`,
      );
    case "tooMany":
      return errorBody(
        "invalid_document_id",
        `Document have too many matching \`${key.name}\` attribute: \`${shown(documentBytes(document))}\`.`,
      );
    case undefined:
      return errorBody(
        "missing_document_id",
        `Document doesn't have a \`${key.name}\` attribute: \`${shown(documentBytes(document))}\`.`,
      );
  }
}

/** As Meilisearch does: members in their order, the first fault ends it, a second match is a fault. */
function findAmong(object: RawDocument, levels: readonly KeyLevel[]): Finding | undefined {
  let found: Finding | undefined;
  for (let member = 0; member < memberCount(object); member += 1) {
    const level = levelOf(object, member, levels);
    if (level === undefined) continue;
    const value = rawValue(object, member);
    const finding = level.rest === "" ? readId(value) : findInside(value, level.rest);
    if (finding === undefined) continue;
    if (finding.kind !== "id") return finding;
    if (found !== undefined) return { kind: "tooMany" };
    found = finding;
  }
  return found;
}

function levelOf(
  object: RawDocument,
  member: number,
  levels: readonly KeyLevel[],
): KeyLevel | undefined {
  for (const level of levels) if (keyIs(object, member, level.key)) return level;
  return undefined;
}

/** Nested lists and scalars hold no id. */
function findInside(value: Uint8Array, path: string): Finding | undefined {
  if (value[0] !== OPEN_OBJECT) return undefined;
  const scanner = new ValueScanner();
  scanner.start();
  scanner.scan(value, 0, value.length);
  const { members, hasEscapedKey, needsStrictCheck } = scanner;
  const byteLength = value.length;
  const object = { pieces: [value], byteLength, members, hasEscapedKey, needsStrictCheck };
  return findAmong(object, primaryKey(path).levels);
}

function readId(value: Uint8Array): Finding {
  const id = value[0] === QUOTE ? stringId(value) : integerId(value);
  return id === undefined ? { kind: "invalid", value } : { kind: "id", id };
}

function stringId(value: Uint8Array): Uint8Array | undefined {
  const raw = value.subarray(1, -1);
  if (raw.includes(BACKSLASH)) {
    // Escapes are unusual in an id, but `"\u0061"` is the id `a`.
    const text = textOrUndefined(() => decodeJsonString(raw));
    const isValid = text !== undefined && /^[A-Za-z0-9_-]{1,511}$/.test(text);
    return isValid ? encoder.encode(text) : undefined;
  }
  if (raw.length === 0 || raw.length > ID_BYTES_MAX) return undefined;
  for (let at = 0; at < raw.length; at += 1) {
    if (ID_BYTES[raw[at] ?? 0] !== 1) return undefined;
  }
  return raw;
}

/** The decimal text of an integer of 64 bits. */
function integerId(value: Uint8Array): Uint8Array | undefined {
  const isNegative = value[0] === MINUS;
  for (let at = isNegative ? 1 : 0; at < value.length; at += 1) {
    const byte = value[at] ?? 0;
    if (byte < 0x30 || byte > 0x39) return undefined;
  }
  if (value.length < SAFE_LENGTH && !isNegative) return value;
  return readNumber(String.fromCharCode(...value))?.kind === "integer" ? value : undefined;
}

/** A value as serde_json prints it; as it was sent when serde_json could not. */
function shown(bytes: Uint8Array): string {
  const text = textOrUndefined(() => compactJson(bytes)) ?? decodeUtf8(bytes) ?? "";
  if (text.length <= SHOWN_CHARACTERS_MAX) return text;
  return `${text.slice(0, SHOWN_CHARACTERS_MAX)}...`;
}

function textOrUndefined(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

/** 1 for every byte that an id may have. */
const ID_BYTES = new Uint8Array(256);
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") {
  ID_BYTES[character.charCodeAt(0)] = 1;
}
