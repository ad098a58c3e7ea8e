/**
 * Reads the JSON objects of a tenant token. Whoever makes tokens debugs with the sentences that come
 * back, so mistakes are named, with their place, as Meilisearch names them.
 */
import { isArrayValue } from "../decode/decoders.ts";
import { isObject, type Json, JsonNumber } from "../decode/json.ts";
import { JsonSyntaxError, readJson } from "../decode/json-reader.ts";
import { elements, members, skipSpace, skipValue } from "../json/text-scanner.ts";
import { debugText } from "./key-errors.ts";

/** Why a part of a token is not what it must be. */
export class TokenMistake extends Error {}

export interface TokenMember {
  readonly value: Json;
  /** Position in the text before the value. */
  readonly start: number;
  /** Position after the value. */
  readonly end: number;
}

export class TokenObject {
  readonly #text: string;
  readonly #json: ReadonlyMap<string, Json>;

  /** `name` is what Meilisearch calls the object; its array form, which nobody makes, is refused. */
  constructor(text: string, name: string, fieldCount: number | undefined) {
    this.#text = text;
    const json = parsed(text);
    if (json !== null && typeof json === "object" && isObject(json)) {
      this.#json = json;
      return;
    }
    if (!isArrayValue(json)) {
      const end = skipValue(text, 0);
      throw mistake(text, end, `invalid type: ${described(json)}, expected struct ${name}`);
    }
    if (fieldCount === undefined) {
      throw mistake(text, skipSpace(text, 0), `invalid type: sequence, expected struct ${name}`);
    }
    const reason = `invalid length 0, expected struct ${name} with ${fieldCount} elements`;
    throw mistake(text, skipValue(text, 0), reason);
  }

  /** All members in order; one of `once` that is repeated is a mistake, of the others the last counts. */
  *members(once: ReadonlySet<string>): Generator<readonly [string, TokenMember]> {
    const seen = new Set<string>();
    for (const { key, start, valueStart, valueEnd } of members(this.#text)) {
      if (once.has(key) && seen.has(key)) {
        const at = skipSpace(this.#text, skipValue(this.#text, start));
        throw mistake(this.#text, at, `duplicate field \`${key}\``);
      }
      seen.add(key);
      yield [key, { value: this.#json.get(key) ?? null, start: valueStart, end: valueEnd }];
    }
  }

  /** The elements of a member that is a list. */
  elements({ value, start }: TokenMember): readonly TokenMember[] {
    if (!isArrayValue(value)) return [];
    return elements(this.#text, start).map(([elementStart, end], position) => ({
      value: value[position] ?? null,
      start: elementStart,
      end,
    }));
  }

  textOf({ start, end }: TokenMember): string {
    return this.#text.slice(start, end);
  }

  /** The value is of the wrong type. */
  wrongType(member: TokenMember, expected: string): TokenMistake {
    const { value, start, end } = member;
    const isContainer =
      value !== null && typeof value === "object" && !(value instanceof JsonNumber);
    const reason = `invalid type: ${described(value)}, expected ${expected}`;
    return mistake(this.#text, isContainer ? start : end, reason);
  }

  /** A mistake that is told at the end of the value. */
  wrongValue(member: TokenMember, reason: string): TokenMistake {
    return mistake(this.#text, member.end, reason);
  }

  /** A mistake that is told before the value is read. */
  unreadValue(member: TokenMember): TokenMistake {
    return mistake(this.#text, member.start + 1, "expected value");
  }

  /** A mistake that is told when the next member, or the end of the object, has been looked at. */
  wrongMember(member: TokenMember, reason: string): TokenMistake {
    const next = skipSpace(this.#text, member.end);
    return mistake(this.#text, this.#text[next] === "}" ? next + 1 : next, reason);
  }

  /** A mistake of the whole object. */
  wrongWhole(reason: string): TokenMistake {
    return mistake(this.#text, skipValue(this.#text, 0), reason);
  }
}

function parsed(text: string): Json {
  try {
    return readJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new TokenMistake(`JSON error: ${error.message}`);
  }
}

function mistake(text: string, end: number, reason: string): TokenMistake {
  const before = text.slice(0, end);
  const line = before.split("\n").length;
  const column = new TextEncoder().encode(before.slice(before.lastIndexOf("\n") + 1)).length;
  return new TokenMistake(`JSON error: ${reason} at line ${line} column ${column}`);
}

/** A value as type mistakes name it. */
export function described(value: Json): string {
  if (value === null) return "null";
  if (typeof value === "string") return `string ${debugText(value)}`;
  if (typeof value === "boolean") return `boolean \`${value}\``;
  if (value instanceof JsonNumber) {
    return `${value.kind === "float" ? "floating point" : "integer"} \`${value.text}\``;
  }
  return isArrayValue(value) ? "sequence" : "map";
}
