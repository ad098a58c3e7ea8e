/**
 * Small decoders for JSON bodies, combined into bigger ones. A decoder returns the typed value or
 * throws the `ApiError` that Meilisearch would answer with.
 */
import { isArray, isObject, type Json, JsonNumber, type JsonObject } from "./json.ts";
import { unexpected, unknownValue, wrongKind, wrongLength } from "./mistakes.ts";
import type { Place } from "./place.ts";

export type Decoder<T> = (value: Json, at: Place) => T;

export function text(value: Json, at: Place): string {
  if (typeof value === "string") return value;
  throw wrongKind(value, at, "a string");
}

export function boolean(value: Json, at: Place): boolean {
  if (typeof value === "boolean") return value;
  throw wrongKind(value, at, "a boolean");
}

export function number(value: Json, at: Place): number {
  if (value instanceof JsonNumber) return value.value;
  throw wrongKind(value, at, "a number");
}

/** An integer from 0 to what Rust's `usize` holds. */
export function count(value: Json, at: Place): number {
  if (value instanceof JsonNumber && value.kind === "positive") return value.value;
  throw wrongKind(value, at, "a positive integer");
}

/** A count that is kept: a greater one than doubles tell apart means "all" as well. */
export function keptCount(value: Json, at: Place): number {
  return Math.min(count(value, at), Number.MAX_SAFE_INTEGER);
}

/** An integer from 0 to `max`. */
export function countUpTo(max: number): Decoder<number> {
  return (value, at) => {
    const found = count(value, at);
    if (found <= max) return found;
    throw unexpected(
      at,
      `value: \`${value instanceof JsonNumber ? value.text : found}\` is too large to be deserialized, maximum value authorized is \`${max}\``,
    );
  };
}

export function nullable<T>(decode: Decoder<T>): Decoder<T | null> {
  return (value, at) => (value === null ? null : decode(value, at));
}

export function list<T>(decode: Decoder<T>): Decoder<readonly T[]> {
  return (value, at) => {
    if (!isArrayValue(value)) throw wrongKind(value, at, "an array");
    return value.map((element, position) => decode(element, at.index(position)));
  };
}

/** A list of exactly `length` elements. As Meilisearch does, every element is reported as the first. */
export function tuple<T>(decode: Decoder<T>, length: number): Decoder<readonly T[]> {
  return (value, at) => {
    if (!isArrayValue(value)) throw wrongKind(value, at, "an array");
    if (value.length !== length) throw wrongLength(value, at, length);
    return value.map((element) => decode(element, at.index(0)));
  };
}

/** An object whose keys are the client's own. */
export function dictionary<T>(decode: Decoder<T>): Decoder<ReadonlyMap<string, T>> {
  return (value, at) => {
    const entries = new Map<string, T>();
    for (const [key, member] of asObject(value, at)) entries.set(key, decode(member, at.key(key)));
    return entries;
  };
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Decoder<Word> {
  return (value, at) => {
    const received = text(value, at);
    for (const word of words) if (word === received) return word;
    throw unknownValue(received, at, words);
  };
}

/** A value that must also satisfy `accepts`; `reason` says what was expected. */
export function checked<T>(
  decode: Decoder<T>,
  accepts: (value: T) => boolean,
  reason: (value: T) => string,
): Decoder<T> {
  return (value, at) => {
    const decoded = decode(value, at);
    if (accepts(decoded)) return decoded;
    throw unexpected(at, reason(decoded));
  };
}

export function asObject(value: Json, at: Place): JsonObject {
  if (value !== null && typeof value === "object" && isObject(value)) return value;
  throw wrongKind(value, at, "an object");
}

export function isArrayValue(value: Json): value is readonly Json[] {
  return value !== null && isArray(value);
}

/** Any JSON. */
export function anything(value: Json): Json {
  return value;
}
