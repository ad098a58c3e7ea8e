/**
 * A parsed JSON body that still knows what `JSON.parse` forgets and Meilisearch's messages quote:
 * whether a number was written as an integer (`1` and `1.0` differ) and the order of all members.
 */
import { floatText } from "./float-text.ts";

export type NumberKind = "positive" | "negative" | "float";

export class JsonNumber {
  readonly kind: NumberKind;
  readonly value: number;
  private readonly source: string;

  constructor(kind: NumberKind, value: number, source: string) {
    this.kind = kind;
    this.value = value;
    this.source = source;
  }

  /** As Meilisearch prints it back. */
  get text(): string {
    return this.kind === "float" ? floatText(this.value) : this.source;
  }
}

export type JsonObject = ReadonlyMap<string, Json>;
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;

const U64_MAX = 18_446_744_073_709_551_615n;
const I64_MIN = -9_223_372_036_854_775_808n;

/** A number from its source text, typed as Rust's serde_json types it. */
export function jsonNumber(source: string, integer: boolean): JsonNumber {
  const value = Number(source);
  if (integer && source !== "-0") {
    if (Number.isSafeInteger(value)) {
      return new JsonNumber(value < 0 ? "negative" : "positive", value, source);
    }
    const exact = BigInt(source);
    if (exact >= 0n && exact <= U64_MAX) return new JsonNumber("positive", value, source);
    if (exact < 0n && exact >= I64_MIN) return new JsonNumber("negative", value, source);
  }
  return new JsonNumber("float", value, source);
}

export function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json): value is JsonObject {
  return value instanceof Map;
}

/** Compact JSON text, as Meilisearch quotes a wrong value. */
export function jsonText(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof JsonNumber) return value.text;
  if (isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  const members: string[] = [];
  for (const [key, member] of value) members.push(`${JSON.stringify(key)}:${jsonText(member)}`);
  return `{${members.join(",")}}`;
}

/** The same value as plain data, for parts that travel on as the client sent them. */
export function plainValue(value: Json): unknown {
  if (value instanceof JsonNumber) return value.value;
  if (value === null || typeof value !== "object") return value;
  if (isArray(value)) return value.map(plainValue);
  return plainObject(value);
}

export function plainObject(value: JsonObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...value].map(([key, member]) => [key, plainValue(member)]));
}
