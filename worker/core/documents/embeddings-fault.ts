/**
 * What Meilisearch finds wrong with the embeddings of a document once their embedder is configured:
 * something that is no number, or the wrong count of numbers. Which count is right only the settings
 * say, so all counts are told.
 */
import { isArray, JsonNumber, type Json } from "../decode/json.ts";
import { readJson } from "../decode/json-reader.ts";
import { wrongKind } from "../decode/mistakes.ts";
import { Place } from "../decode/place.ts";
import type { RawEmbeddings } from "./vectors-shape.ts";

export type EmbeddingsFinding =
  /** Per count of numbers the first embedding that has so many. */
  | { readonly kind: "dimensions"; readonly firstByCount: ReadonlyMap<number, number> }
  | { readonly kind: "wrong"; readonly message: string };

const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

const decoder = new TextDecoder();

export function examineEmbeddings({ embedder, place, value }: RawEmbeddings): EmbeddingsFinding {
  const firstByCount = countNumbers(value);
  if (firstByCount !== undefined) return { kind: "dimensions", firstByCount };
  const vectors = Place.root().key("_vectors").key(embedder);
  const at = place === "" ? vectors : vectors.key("embeddings");
  return { kind: "wrong", message: mistake(readJson(decoder.decode(value)), at) };
}

/** Counts in one pass over the bytes; undefined when it is not a list of numbers, nor one of such. */
function countNumbers(value: Uint8Array): ReadonlyMap<number, number> | undefined {
  if (value[0] !== OPEN_LIST) return undefined;
  const firstByCount = new Map<number, number>();
  let at = afterSpace(value, 1);
  if (value[at] === CLOSE_LIST) return firstByCount;
  if (value[at] !== OPEN_LIST) {
    const flat = countFlat(value, 0);
    return flat === undefined ? undefined : new Map([[flat.count, 0]]);
  }
  for (let position = 0; ; position += 1) {
    const inner = value[at] === OPEN_LIST ? countFlat(value, at) : undefined;
    if (inner === undefined) return undefined;
    if (!firstByCount.has(inner.count)) firstByCount.set(inner.count, position);
    at = afterSpace(value, inner.end);
    if (value[at] === CLOSE_LIST) return firstByCount;
    at = afterSpace(value, at + 1);
  }
}

/** A list that starts at `from`: how many numbers it has, and the position behind it. */
function countFlat(
  value: Uint8Array,
  from: number,
): { readonly count: number; readonly end: number } | undefined {
  let commas = 0;
  let isEmpty = true;
  for (let at = from + 1; at < value.length; at += 1) {
    const byte = value[at] ?? 0;
    if (byte === COMMA) commas += 1;
    else if (byte === CLOSE_LIST) return { count: isEmpty ? 0 : commas + 1, end: at + 1 };
    else if (IN_NUMBER[byte] === 1) isEmpty = false;
    else if (!isSpace(byte)) return undefined;
  }
  return undefined;
}

function afterSpace(value: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(value[at] ?? 0)) at += 1;
  return at;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** 1 for every byte that a number may have. */
const IN_NUMBER = new Uint8Array(256);
for (const character of "0123456789+-.eE") IN_NUMBER[character.charCodeAt(0)] = 1;

/** As Meilisearch does: the first element says whether it is one vector or several. */
function mistake(value: Json, at: Place): string {
  if (value === null || !isArray(value)) return wrongKind(value, at, "null", "an array").message;
  const [first] = value;
  if (first instanceof JsonNumber) return notNumber(value, at);
  if (first === undefined || first === null || !isArray(first)) {
    return wrongKind(first ?? null, at.index(0), "a number", "an array").message;
  }
  for (const [position, element] of value.entries()) {
    const inner = at.index(position);
    if (element === null || !isArray(element)) return wrongKind(element, inner, "an array").message;
    if (!element.every((number) => number instanceof JsonNumber)) return notNumber(element, inner);
  }
  throw new Error("embeddings of numbers have no mistake");
}

function notNumber(vector: readonly Json[], at: Place): string {
  const position = vector.findIndex((element) => !(element instanceof JsonNumber));
  return wrongKind(vector[position] ?? null, at.index(position), "a number").message;
}
