/**
 * What Meilisearch finds wrong with the shape of `_vectors`, in its words, whatever embedders there
 * are: it must be a map, and each of its members nothing, an array, or a map with `regenerate`.
 * Columns count bytes, as its JSON reader counts them.
 */
import { ValueScanner } from "./value-scanner.ts";
import { decodeJsonString } from "./json-string.ts";
import {
  memberCount,
  memberKey,
  MEMBER_STRIDE,
  rawValue,
  type RawDocument,
} from "./raw-document.ts";
import { printFloat, readNumber } from "./serde-number.ts";

/** The embeddings of one embedder that a document brings along, as they are written. */
export interface RawEmbeddings {
  readonly embedder: string;
  /** Behind `._vectors.{embedder}` in Meilisearch's messages. */
  readonly place: "" | ".embeddings";
  readonly value: Uint8Array;
}

export type VectorsShape =
  | { readonly kind: "good"; readonly embeddings: readonly RawEmbeddings[] }
  | {
      readonly kind: "wrong";
      readonly code: "internal" | "invalid_vectors_type";
      readonly message: string;
    };

const OPEN_OBJECT = 0x7b;
const OPEN_LIST = 0x5b;
const QUOTE = 0x22;

/**
 * The embedders that a `_vectors` of good shape says something to: vectors, or that there are to be
 * none. One that is only to be asked anew (`regenerate` without `embeddings`) gets nothing.
 */
export function providedEmbedders(value: Uint8Array): ReadonlySet<string> {
  const vectors = objectOf(value);
  const provided = new Set<string>();
  for (let member = 0; member < memberCount(vectors); member += 1) {
    if (!isLeftToEmbedder(rawValue(vectors, member))) provided.add(memberKey(vectors, member));
  }
  return provided;
}

function isLeftToEmbedder(value: Uint8Array): boolean {
  if (value[0] !== OPEN_OBJECT) return false;
  const object = objectOf(value);
  const kinds = new Map<string, string>();
  for (let member = 0; member < memberCount(object); member += 1) {
    const { kind, shown } = unexpected(rawValue(object, member));
    kinds.set(memberKey(object, member), kind === "boolean" ? shown : kind);
  }
  return kinds.get("regenerate") === "true" && (kinds.get("embeddings") ?? "null") === "null";
}

export function vectorsShape(id: string, value: Uint8Array): VectorsShape {
  if (value[0] !== OPEN_OBJECT) {
    const { text, length } = unexpected(value);
    const column = `line 1 column ${length}`;
    return {
      kind: "wrong",
      code: "internal",
      message: `invalid type: ${text}, expected a map at ${column}`,
    };
  }
  const vectors = objectOf(value);
  const embeddings: RawEmbeddings[] = [];
  for (let member = 0; member < memberCount(vectors); member += 1) {
    const embedder = memberKey(vectors, member);
    const own = embedderShape(embedder, rawValue(vectors, member));
    if (typeof own === "string") {
      const message = `Bad embedder configuration in the document with id: \`${id}\`. ${own}`;
      return { kind: "wrong", code: "invalid_vectors_type", message };
    }
    if (own !== undefined) embeddings.push(own);
  }
  return { kind: "good", embeddings };
}

/** The embeddings of one member, undefined when it has none, or what is wrong with it. */
function embedderShape(embedder: string, value: Uint8Array): RawEmbeddings | undefined | string {
  if (value[0] === OPEN_LIST) return { embedder, place: "", value };
  if (value[0] === OPEN_OBJECT) return explicitShape(embedder, value);
  const { kind, shown } = unexpected(value);
  if (kind === "null") return undefined;
  return `Expected \`._vectors.${embedder}\` to be an array of floats, an array of arrays of floats, or an object with at least the field \`regenerate\`, but got the ${kind} \`${shown}\``;
}

function explicitShape(embedder: string, value: Uint8Array): RawEmbeddings | undefined | string {
  const path = `._vectors.${embedder}`;
  const object = objectOf(value);
  let embeddings: Uint8Array | undefined;
  let hasRegenerate = false;
  for (let member = 0; member < memberCount(object); member += 1) {
    const name = memberKey(object, member);
    const own = rawValue(object, member);
    const start = object.members[member * MEMBER_STRIDE + 2] ?? 0;
    if (name === "regenerate") {
      const { kind, text, length } = unexpected(own);
      hasRegenerate = true;
      if (kind === "boolean") continue;
      // What its reader stumbles over first is what comes behind the part that it has read.
      const rest = restFault(value, start + length);
      if (rest !== undefined) return `Could not parse \`${path}\`: ${rest}`;
      return `Could not parse \`${path}.regenerate\`: invalid type: ${text}, expected a boolean at ${placeOf(value, start + length)}`;
    }
    if (name !== "embeddings") {
      const keyEnd = object.members[member * MEMBER_STRIDE + 1] ?? 0;
      return `Could not parse \`${path}\`: ${restFault(value, keyEnd) ?? "trailing characters"}`;
    }
    if (unexpected(own).kind !== "null") embeddings = own;
  }
  if (hasRegenerate) {
    return embeddings === undefined
      ? undefined
      : { embedder, place: ".embeddings", value: embeddings };
  }
  return `Missing field \`${path}.regenerate\`\n  - note: \`${path}\` must be an array of floats, an array of arrays of floats, or an object with field \`regenerate\``;
}

/** What the reader says when it expects the map to end here, and it does not. */
function restFault(value: Uint8Array, from: number): string | undefined {
  let at = from;
  while (value[at] === 0x20 || value[at] === 0x0a || value[at] === 0x0d || value[at] === 0x09)
    at += 1;
  if (value[at] === 0x7d) return undefined;
  const reason = value[at] === 0x2c ? "trailing comma" : "trailing characters";
  return `${reason} at ${placeOf(value, at + 1)}`;
}

/** `line 1 column 5` when five bytes of it have been read. */
function placeOf(value: Uint8Array, readCount: number): string {
  let line = 1;
  let lineStart = 0;
  for (
    let at = value.indexOf(0x0a);
    at !== -1 && at < readCount;
    at = value.indexOf(0x0a, at + 1)
  ) {
    line += 1;
    lineStart = at + 1;
  }
  return `line ${line} column ${readCount - lineStart}`;
}

interface Unexpected {
  readonly kind: "null" | "boolean" | "string" | "integer" | "number" | "array" | "object";
  /** As serde names it, how Rust shows it alone, and how many bytes of it have been read. */
  readonly text: string;
  readonly shown: string;
  readonly length: number;
}

function unexpected(value: Uint8Array): Unexpected {
  const { length } = value;
  switch (value[0] ?? 0) {
    case OPEN_LIST:
      return { kind: "array", text: "sequence", shown: "", length: 0 };
    case OPEN_OBJECT:
      return { kind: "object", text: "map", shown: "", length: 0 };
    case QUOTE: {
      const shown = decodeJsonString(value.subarray(1, -1));
      return { kind: "string", text: `string ${JSON.stringify(shown)}`, shown, length };
    }
    case 0x6e:
      return { kind: "null", text: "null", shown: "", length };
    case 0x74:
    case 0x66: {
      const shown = value[0] === 0x74 ? "true" : "false";
      return { kind: "boolean", text: `boolean \`${shown}\``, shown, length };
    }
    default:
      return { ...unexpectedNumber(String.fromCharCode(...value)), length };
  }
}

function unexpectedNumber(source: string): Omit<Unexpected, "length"> {
  const number = readNumber(source);
  if (number?.kind === "integer") {
    return { kind: "integer", text: `integer \`${number.text}\``, shown: number.text };
  }
  const value = number?.value ?? 0;
  return {
    kind: "number",
    text: `floating point \`${printFloat(value)}\``,
    shown: plainFloat(value),
  };
}

/** As Rust displays a float: all digits, no exponent, no `.0`. */
function plainFloat(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(20).replace(/0+$/, "");
}

function objectOf(value: Uint8Array): RawDocument {
  const scanner = new ValueScanner();
  scanner.start();
  scanner.scan(value, 0, value.length);
  const { members, hasEscapedKey, needsStrictCheck } = scanner;
  return { pieces: [value], byteLength: value.length, members, hasEscapedKey, needsStrictCheck };
}
