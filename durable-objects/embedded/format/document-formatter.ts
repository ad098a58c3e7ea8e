/** `_formatted` and `_matchesPosition` of a hit. */
import {
  isArray,
  isObject,
  type Json,
  JsonNumber,
  type JsonObject,
  jsonText,
} from "../../../worker/core/decode/json.ts";
import { covers } from "../../../worker/core/settings/attribute-patterns.ts";
import { selectValues } from "./fields.ts";
import type { FormatOptions, MatchBounds, TextFormatter } from "./text-formatter.ts";

export interface FormatRequest {
  readonly highlight: readonly string[];
  /** `attribute` or `attribute:length`. */
  readonly crop: readonly string[];
  readonly cropLength: number;
  readonly showMatchesPosition: boolean;
}

export interface Formatted {
  /** Null when nothing was asked to be formatted. */
  readonly document: string | null;
  readonly matchesPosition: string | null;
}

function cropRequest(
  text: string,
  standard: number,
): { readonly field: string; readonly words: number } {
  const colon = text.lastIndexOf(":");
  if (colon === -1) return { field: text, words: standard };
  const length = text.slice(colon + 1);
  return {
    field: text.slice(0, colon),
    words: /^\+?\d+$/.test(length) ? Number(length) : standard,
  };
}

/** What to do with each attribute; empty when no asked attribute is displayed. */
function fieldOptions(
  request: FormatRequest,
  displayed: readonly string[],
  retrieved: readonly string[],
): ReadonlyMap<string, FormatOptions> {
  const options = new Map<string, FormatOptions>();
  const named = (name: string): readonly string[] =>
    name === "*" ? displayed : displayed.filter((field) => field === name);
  for (const name of request.highlight) {
    for (const field of named(name)) options.set(field, { highlight: true, crop: null });
  }
  for (const text of request.crop) {
    const { field: name, words } = cropRequest(text, request.cropLength);
    for (const field of named(name)) {
      options.set(field, { highlight: options.get(field)?.highlight ?? false, crop: words });
    }
  }
  if (options.size === 0) return options;
  for (const field of retrieved) {
    if (!options.has(field)) options.set(field, { highlight: false, crop: null });
  }
  return options;
}

class Formatting {
  readonly positions = new Map<string, string[]>();
  private readonly formatter: TextFormatter;
  private readonly options: ReadonlyMap<string, FormatOptions>;
  private readonly showMatches: boolean;

  constructor(
    formatter: TextFormatter,
    options: ReadonlyMap<string, FormatOptions>,
    showMatches: boolean,
  ) {
    this.formatter = formatter;
    this.options = options;
    this.showMatches = showMatches;
  }

  object(value: JsonObject, base: string, indices: readonly number[]): JsonObject {
    return new Map(
      [...value].map(([key, member]) => {
        const field = base === "" ? key : `${base}.${key}`;
        return [key, this.value(member, field, indices)];
      }),
    );
  }

  private value(value: Json, field: string, indices: readonly number[]): Json {
    if (isObject(value)) return this.object(value, field, indices);
    if (isArray(value)) {
      return value.map((element, at) => this.value(element, field, [...indices, at]));
    }
    if (typeof value === "string") return this.text(value, field, indices);
    return value instanceof JsonNumber ? this.text(value.text, field, indices) : value;
  }

  private text(text: string, field: string, indices: readonly number[]): string {
    if (this.showMatches) this.addPositions(field, this.formatter.bounds(text), indices);
    const options = this.optionsFor(field);
    return options === null ? text : this.formatter.format(text, options);
  }

  /** As Meilisearch does: of several values of one attribute only the last with a match is told. */
  private addPositions(
    field: string,
    bounds: readonly MatchBounds[],
    indices: readonly number[],
  ): void {
    if (bounds.length === 0) return;
    const suffix = indices.length === 0 ? "" : `,"indices":[${indices.join(",")}]`;
    const texts = bounds.map(
      ({ start, length }) => `{"start":${start},"length":${length}${suffix}}`,
    );
    this.positions.set(field, texts);
  }

  /** Options of the attribute, of those above it and of those nested in it, joined. */
  private optionsFor(field: string): FormatOptions | null {
    const matching = [...this.options].filter(
      ([name, own]) =>
        (own.highlight || own.crop !== null) && (covers(name, field) || covers(field, name)),
    );
    if (matching.length === 0) return null;
    return {
      highlight: matching.some(([, own]) => own.highlight),
      crop: matching.find(([, own]) => own.crop !== null)?.[1].crop ?? null,
    };
  }
}

export function formatDocument(
  document: JsonObject,
  request: FormatRequest,
  displayed: readonly string[],
  retrieved: readonly string[],
  formatter: TextFormatter,
): Formatted {
  const options = fieldOptions(request, displayed, retrieved);
  if (options.size === 0 && !request.showMatchesPosition)
    return { document: null, matchesPosition: null };
  const formatting = new Formatting(formatter, options, request.showMatchesPosition);
  const wanted = request.showMatchesPosition ? displayed : [...options.keys()];
  const formatted = formatting.object(selectValues(document, new Set(wanted)), "", []);
  const positions = [...formatting.positions]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, bounds]) => `${JSON.stringify(field)}:[${bounds.join(",")}]`);
  return {
    document:
      options.size === 0 ? null : jsonText(selectValues(formatted, new Set(options.keys()))),
    matchesPosition: request.showMatchesPosition ? `{${positions.join(",")}}` : null,
  };
}
