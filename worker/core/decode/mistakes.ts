/**
 * The sentences with which Meilisearch refuses a value of a JSON body. One function per kind of
 * mistake; all make an `ApiError` with the code that belongs to the place.
 */
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { suggestion } from "./did-you-mean.ts";
import { isArray, type Json, JsonNumber, jsonText } from "./json.ts";
import type { Place } from "./place.ts";

/** What a decoder accepts, in the order and the words of Meilisearch's messages. */
export type Kind =
  | "null"
  | "a boolean"
  | "a positive integer"
  | "an integer"
  | "a number"
  | "a string"
  | "an array"
  | "an object";

export function wrongKind(actual: Json, at: Place, ...accepted: readonly Kind[]): ApiError {
  return new ApiError(
    at.code,
    `Invalid value type${at.phrase("at")}: expected ${oneOf(accepted)}, but found ${found(actual)}`,
  );
}

export function unexpected(at: Place, reason: string): ApiError {
  return new ApiError(at.code, `Invalid value${at.phrase("at")}: ${reason}`);
}

export function unknownField(name: string, at: Place, accepted: readonly string[]): ApiError {
  return new ApiError(
    at.code,
    `Unknown field \`${name}\`${at.phrase("inside")}: ${suggestion(name, accepted)}expected one of ${quoted(accepted)}`,
  );
}

export function unknownValue(value: string, at: Place, accepted: readonly string[]): ApiError {
  return new ApiError(
    at.code,
    `Unknown value \`${value}\`${at.phrase("at")}: ${suggestion(value, accepted)}expected one of ${quoted(accepted)}`,
  );
}

export function missingField(name: string, at: Place, code: ErrorCode): ApiError {
  return new ApiError(code, `Missing field \`${name}\`${at.phrase("inside")}`);
}

export function wrongLength(actual: readonly Json[], at: Place, expected: number): ApiError {
  return new ApiError(
    at.code,
    `Invalid array len${at.phrase("at")}. Received ${actual.length} elements instead of ${expected}: \`${jsonText(actual)}\``,
  );
}

/** `` `a`, `b` ``. */
export function quoted(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function oneOf(kinds: readonly Kind[]): string {
  const last = kinds.at(-1) ?? "a different value";
  if (kinds.length <= 1) return last;
  if (kinds.length === 2) return `${kinds[0]} or ${last}`;
  return `${kinds.slice(0, -1).join(", ")}, or ${last}`;
}

function found(actual: Json): string {
  return actual === null ? "null" : `${kindOf(actual)}: \`${jsonText(actual)}\``;
}

function kindOf(value: Json): string {
  if (typeof value === "string") return "a string";
  if (typeof value === "boolean") return "a boolean";
  if (value instanceof JsonNumber) {
    return value.kind === "float" ? "a number" : `a ${value.kind} integer`;
  }
  return value !== null && isArray(value) ? "an array" : "an object";
}
