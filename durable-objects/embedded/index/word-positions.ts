/**
 * The words of one document with their places, as the index keeps them: position within the
 * attribute, counted as Meilisearch counts (a sentence end or the next array element is a jump of 8).
 */
import {
  isArray,
  isObject,
  type Json,
  JsonNumber,
  type JsonObject,
} from "../../../worker/core/decode/json.ts";
import { byteLength } from "../../../worker/core/text/lengths.ts";
import type { Token, Tokenizer } from "../../../worker/core/text/tokenizer.ts";
import type { Schema } from "./schema.ts";

export interface Occurrence {
  readonly word: string;
  readonly field: string;
  readonly position: number;
}

/** Protects the width of a position: 16 bits. */
const POSITION_MAX = 65_535;
/** As Meilisearch does: longer words do not fit its keys and are not indexed. */
const WORD_BYTES_MAX = 250;
const HARD_DISTANCE = 8;

interface Placed {
  readonly position: number;
  readonly token: Token;
}

function placed(tokens: readonly Token[], start: number): Placed[] {
  const words: Placed[] = [];
  let position = start;
  let previous: "hard" | "other" | undefined;
  let leading = true;
  for (const token of tokens) {
    const isWord = token.kind === "word" || token.kind === "stopWord";
    if (leading && !isWord) continue;
    leading = false;
    if (token.kind === "hard") previous = "hard";
    else if (token.kind === "soft") previous = previous === "hard" ? "hard" : "other";
    else if (token.lemma !== "") {
      if (previous !== undefined) position += previous === "hard" ? HARD_DISTANCE : 1;
      previous = "other";
      if (token.kind === "word") words.push({ position, token });
    }
  }
  return words;
}

function textOf(value: Json): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  return value instanceof JsonNumber ? value.text : undefined;
}

class Collector {
  readonly found: Occurrence[] = [];
  private readonly schema: Schema;
  private readonly tokenizer: Tokenizer;
  private readonly positions = new Map<string, number>();

  constructor(schema: Schema, tokenizer: Tokenizer) {
    this.schema = schema;
    this.tokenizer = tokenizer;
  }

  topLevel(field: string, value: Json): void {
    if (this.schema.searchMatch(field) === "none") return;
    if (isObject(value)) this.object(field, value);
    else if (isArray(value)) this.array(field, value);
    else this.visit(field, value);
  }

  private object(base: string, value: JsonObject): void {
    if (value.size === 0) this.visit(base, value);
    for (const [key, member] of value) {
      const field = `${base}.${key}`;
      if (this.visit(field, member) === "none") continue;
      if (isObject(member)) this.object(field, member);
      else if (isArray(member)) this.array(field, member);
    }
  }

  private array(base: string, values: readonly Json[]): void {
    if (values.length === 0) this.visit(base, values);
    for (const value of values) {
      if (isObject(value)) this.object(base, value);
      else if (isArray(value)) this.array(base, value);
      else this.visit(base, value);
    }
  }

  private visit(field: string, value: Json): "match" | "parent" | "none" {
    const match = this.schema.searchMatch(field);
    if (match === "match") this.tokenize(field, value);
    return match;
  }

  /** As Meilisearch does: also a value without text (null, an object) moves the position on. */
  private tokenize(field: string, value: Json): void {
    const last = this.positions.get(field);
    const start = last === undefined ? 0 : last + HARD_DISTANCE;
    this.positions.set(field, start);
    const text = textOf(value);
    if (text === undefined || start > POSITION_MAX) return;
    for (const { position, token } of placed(this.tokenizer.tokens(text), start)) {
      if (position > POSITION_MAX) return;
      const word = token.lemma.trim();
      if (word === "" || (word.length * 3 > WORD_BYTES_MAX && byteLength(word) > WORD_BYTES_MAX)) {
        continue;
      }
      this.positions.set(field, position);
      this.found.push({ word, field, position });
    }
  }
}

export function occurrences(
  document: JsonObject,
  schema: Schema,
  tokenizer: Tokenizer,
): Occurrence[] {
  const collector = new Collector(schema, tokenizer);
  for (const [field, value] of document) collector.topLevel(field, value);
  return collector.found;
}
