/** Hits of a search as JSON text: documents stay as they were sent, but for what is chosen of them. */
import { isObject } from "../../../worker/core/decode/json.ts";
import type { SearchQuery } from "../../../worker/core/query/search-query.ts";
import { keepMembers, memberOf } from "../../../worker/core/json/text-scanner.ts";
import { covers } from "../../../worker/core/settings/attribute-patterns.ts";
import { formatDocument } from "../format/document-formatter.ts";
import { selectText } from "../format/fields.ts";
import { MatchingWords } from "../format/matching-words.ts";
import { TextFormatter } from "../format/text-formatter.ts";
import { coordinate, distanceBetween } from "../index/geo.ts";
import { VECTORS_FIELD } from "../index/schema.ts";
import { float32Text } from "../index/vectors.ts";
import type { SearchOutcome, SortCriterion } from "../search/search.ts";
import { type NodeIndex, readDocument } from "./node-index.ts";

export interface HitTexts {
  /** Members of the document, without braces. */
  readonly document: string;
  readonly formatted: string | null;
  readonly matchesPosition: string | null;
  /** Members that were not asked for but are needed to merge answers. */
  readonly extra: string;
}

/** Members of an object text, without its braces. */
function inside(text: string): string {
  return text.slice(text.indexOf("{") + 1, text.lastIndexOf("}")).trim();
}

export function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(",");
}

/** `_vectors` with what the index stores of each embedder. */
export function vectorsText(index: NodeIndex, doc: number, text: string): string {
  const own = memberOf(text, 0, VECTORS_FIELD);
  const stored = index.search.vectors.get(doc) ?? new Map();
  const rest =
    own === undefined || text[own.valueStart] !== "{"
      ? ""
      : inside(keepMembers(text, own.valueStart, own.valueEnd, (key) => !stored.has(key)));
  const kept = [...stored].map(([name, { embeddings, regenerate }]) => {
    const vectors = embeddings.map(
      (vector: Float32Array) => `[${[...vector].map(float32Text).join(",")}]`,
    );
    return `${JSON.stringify(name)}:{"embeddings":[${vectors.join(",")}],"regenerate":${regenerate}}`;
  });
  return `"${VECTORS_FIELD}":{${joined(rest, ...kept)}}`;
}

export class HitRenderer {
  private readonly index: NodeIndex;
  private readonly query: SearchQuery;
  private readonly formatter: TextFormatter;
  private readonly extra: ReadonlySet<string>;
  private readonly geo: Extract<SortCriterion, { kind: "geo" }> | undefined;

  constructor(
    index: NodeIndex,
    query: SearchQuery,
    outcome: SearchOutcome,
    sort: readonly SortCriterion[],
    extra: readonly string[],
  ) {
    this.index = index;
    this.query = query;
    const words = outcome.terms === null ? null : new MatchingWords(outcome.context, outcome.terms);
    this.formatter = new TextFormatter(words, index.formatTokenizer, {
      cropMarker: query.cropMarker,
      preTag: query.highlightPreTag,
      postTag: query.highlightPostTag,
    });
    this.extra = new Set(extra);
    this.geo = sort.find((criterion) => criterion.kind === "geo");
  }

  render(doc: number): HitTexts {
    const text = this.index.text(doc);
    const shown = this.shownText(text);
    const { retrieveVectors } = this.query;
    const vectors = retrieveVectors ? vectorsText(this.index, doc, text) : "";
    const { document, matchesPosition } = this.formatted(text);
    return {
      document: joined(inside(shown), this.distance(shown), vectors),
      formatted: document,
      matchesPosition,
      extra: this.extraText(text),
    };
  }

  private get displayed(): readonly string[] {
    return this.index.settings.displayedAttributes;
  }

  private shownText(text: string): string {
    const visible = keepMembers(text, 0, text.length, (key) => key !== VECTORS_FIELD);
    const wanted = this.query.attributesToRetrieve ?? ["*"];
    // As Meilisearch does: an attribute is displayed by its very name, not by one above it.
    const shown = this.displayed.includes("*")
      ? wanted
      : this.displayed.filter((field) => wanted.includes("*") || wanted.includes(field));
    return shown.includes("*") ? visible : selectText(visible, new Set(shown));
  }

  /** As Meilisearch does: only an attribute that is retrieved by its very name is not extra. */
  private extraText(text: string): string {
    if (this.extra.size === 0) return "{}";
    const wanted = this.query.attributesToRetrieve;
    const lists = [this.displayed, ...(wanted === null ? [] : [wanted])];
    const missing = [...this.extra].filter((field) =>
      lists.some((names) => !names.includes("*") && !names.includes(field)),
    );
    return missing.length === 0 ? "{}" : selectText(text, new Set(missing));
  }

  private distance(shown: string): string {
    if (this.geo === undefined) return "";
    const member = memberOf(shown, 0, "_geo");
    if (member === undefined) return "";
    const value = readDocument(`{"_geo":${shown.slice(member.valueStart, member.valueEnd)}}`).get(
      "_geo",
    );
    if (value === undefined || !isObject(value)) return "";
    const lat = coordinate(value.get("lat") ?? null);
    const lng = coordinate(value.get("lng") ?? null);
    if (lat === undefined || lng === undefined) return "";
    return `"_geoDistance":${Math.round(distanceBetween(this.geo.target, [lat, lng]))}`;
  }

  private formatted(text: string): { document: string | null; matchesPosition: string | null } {
    const { attributesToHighlight, attributesToCrop, cropLength, showMatchesPosition } = this.query;
    const highlight = attributesToHighlight ?? [];
    const crop = attributesToCrop ?? [];
    if (highlight.length === 0 && crop.length === 0 && !showMatchesPosition) {
      return { document: null, matchesPosition: null };
    }
    const request = { highlight, crop, cropLength, showMatchesPosition };
    const document = readDocument(text);
    const displayed = this.displayedFields([...document.keys()], [...highlight, ...crop]);
    const wanted = this.query.attributesToRetrieve;
    const all = wanted === null || wanted.includes("*");
    const retrieved = all ? displayed : displayed.filter((field) => wanted.includes(field));
    return formatDocument(document, request, displayed, retrieved, this.formatter);
  }

  /** Attributes of the document and nested ones that the request names, as far as displayed. */
  private displayedFields(own: readonly string[], named: readonly string[]): string[] {
    const nested = [...named, ...(this.query.attributesToRetrieve ?? [])]
      .map((name) => name.replace(/:\d+$/, ""))
      .filter((name) => own.some((field) => field !== name && covers(field, name)));
    const fields = [...new Set([...own, ...nested])].filter((field) => field !== VECTORS_FIELD);
    if (this.displayed.includes("*")) return fields;
    return fields.filter((field) => this.displayed.includes(field));
  }
}
