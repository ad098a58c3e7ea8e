/**
 * Everything that searches read of one index, in memory: words, facet columns, points, vectors.
 * Derived from the stored documents and the settings alone, so it can be dropped and rebuilt.
 */
import type { JsonObject } from "../../../worker/core/decode/json.ts";
import type { IndexSettings } from "../../../worker/core/settings/settings.ts";
import { DocSet } from "../doc-set.ts";
import { FacetColumn } from "../facets/column.ts";
import { facetValues } from "../facets/extract.ts";
import { detached } from "../../../worker/core/text/detached.ts";
import { Tokenizer } from "../../../worker/core/text/tokenizer.ts";
import { jsonNumber } from "../../../worker/core/decode/json.ts";
import { type Point, readPoint } from "./geo.ts";
import { GEO_FIELD, Schema, VECTORS_FIELD } from "./schema.ts";
import { readVectors, type VectorsByEmbedder } from "./vectors.ts";
import { Vocabulary } from "./vocabulary.ts";
import { occurrences } from "./word-positions.ts";

export interface Embedder {
  readonly source: string;
  readonly dimensions: number;
}

export function embeddersOf(settings: IndexSettings): ReadonlyMap<string, Embedder> {
  return new Map(
    Object.entries(settings.embedders).map(([name, config]) => {
      const { source, dimensions } = config;
      return [
        name,
        {
          source: typeof source === "string" ? source : "openAi",
          dimensions: typeof dimensions === "number" ? dimensions : 0,
        },
      ];
    }),
  );
}

function dimensionsOf(settings: IndexSettings): ReadonlyMap<string, number> {
  return new Map([...embeddersOf(settings)].map(([name, { dimensions }]) => [name, dimensions]));
}

/** What can be wrong with a document beyond its id; throws what Meilisearch's task fails with. */
export function checkDocument(id: string, document: JsonObject, schema: Schema): void {
  const geo = document.get(GEO_FIELD);
  if (schema.geoIsFaceted && geo !== undefined) readPoint(id, geo);
  if (document.has("_vectors")) readVectors(id, document, dimensionsOf(schema.settings));
}

export class SearchIndex {
  readonly schema: Schema;
  readonly tokenizer: Tokenizer;
  readonly documents = new DocSet();
  readonly vocabulary = new Vocabulary();
  readonly columns = new Map<string, FacetColumn>();
  readonly points = new Map<number, Point>();
  readonly vectors = new Map<number, VectorsByEmbedder>();
  /** How many documents have each top-level or nested attribute. */
  readonly fieldCounts = new Map<string, number>();
  private readonly dimensions: ReadonlyMap<string, number>;
  private readonly fieldNames = new Map<string, string>();
  private readonly fieldsOf = new Map<number, readonly string[]>();

  constructor(settings: IndexSettings) {
    this.schema = new Schema(settings);
    this.tokenizer = new Tokenizer(settings);
    this.dimensions = dimensionsOf(settings);
  }

  get settings(): IndexSettings {
    return this.schema.settings;
  }

  add(doc: number, id: string, document: JsonObject): void {
    this.documents.add(doc);
    this.vocabulary.add(doc, occurrences(document, this.schema, this.tokenizer));
    for (const { field, value, insideArray } of facetValues(document, this.schema)) {
      this.column(field).add(doc, value, insideArray);
    }
    this.addPoint(doc, id, document);
    const vectors = readVectors(id, document, this.dimensions);
    if (vectors.size > 0) this.vectors.set(doc, vectors);
    this.countFields(doc, document);
  }

  remove(doc: number): void {
    this.documents.remove(doc);
    this.vocabulary.remove(doc);
    for (const column of this.columns.values()) column.remove(doc);
    this.points.delete(doc);
    this.vectors.delete(doc);
    for (const field of this.fieldsOf.get(doc) ?? []) {
      const left = (this.fieldCounts.get(field) ?? 1) - 1;
      if (left === 0) this.fieldCounts.delete(field);
      else this.fieldCounts.set(field, left);
    }
    this.fieldsOf.delete(doc);
  }

  private addPoint(doc: number, id: string, document: JsonObject): void {
    const value = document.get(GEO_FIELD);
    if (value === undefined || !this.schema.geoIsFaceted) return;
    const point = readPoint(id, value);
    if (point === null) return;
    this.points.set(doc, point);
    this.column(`${GEO_FIELD}.lat`).add(doc, jsonNumber(String(point[0]), false), false);
    this.column(`${GEO_FIELD}.lng`).add(doc, jsonNumber(String(point[1]), false), false);
    this.column(GEO_FIELD).add(doc, value, true);
  }

  private countFields(doc: number, document: JsonObject): void {
    const fields = [...document.keys()]
      .filter((field) => field !== VECTORS_FIELD)
      .map((field) => this.fieldName(field));
    this.fieldsOf.set(doc, fields);
    for (const field of fields) this.fieldCounts.set(field, (this.fieldCounts.get(field) ?? 0) + 1);
  }

  private fieldName(field: string): string {
    const known = this.fieldNames.get(field);
    if (known !== undefined) return known;
    const name = detached(field);
    this.fieldNames.set(name, name);
    return name;
  }

  private column(field: string): FacetColumn {
    const known = this.columns.get(field);
    if (known !== undefined) return known;
    const column = new FacetColumn();
    this.columns.set(detached(field), column);
    return column;
  }
}
