/** Finds the faceted values of a document: each dotted attribute with the values it holds. */
import { isArray, isObject, type Json, type JsonObject } from "../../../worker/core/decode/json.ts";
import type { Schema } from "../index/schema.ts";

export interface FoundValue {
  readonly field: string;
  readonly value: Json;
  readonly insideArray: boolean;
}

class Collector {
  readonly found: FoundValue[] = [];
  private readonly schema: Schema;

  constructor(schema: Schema) {
    this.schema = schema;
  }

  topLevel(field: string, value: Json): void {
    const match = this.schema.facetMatch(field);
    if (match === "none") return;
    if (isObject(value)) this.object(field, value, false);
    else if (isArray(value)) this.array(field, value, false);
    if (match === "match") this.found.push({ field, value, insideArray: false });
  }

  private object(base: string, value: JsonObject, insideArray: boolean): void {
    if (value.size === 0) this.visit(base, value, insideArray);
    for (const [key, member] of value) {
      const field = `${base}.${key}`;
      if (!this.visit(field, member, false)) continue;
      if (isObject(member)) this.object(field, member, false);
      else if (isArray(member)) this.array(field, member, false);
    }
  }

  private array(base: string, values: readonly Json[], insideArray: boolean): void {
    if (values.length === 0) this.visit(base, values, insideArray);
    for (const value of values) {
      if (isObject(value)) this.object(base, value, true);
      else if (isArray(value)) this.array(base, value, true);
      else this.visit(base, value, true);
    }
  }

  private visit(field: string, value: Json, insideArray: boolean): boolean {
    const match = this.schema.facetMatch(field);
    if (match === "match") this.found.push({ field, value, insideArray });
    return match !== "none";
  }
}

export function facetValues(document: JsonObject, schema: Schema): FoundValue[] {
  const collector = new Collector(schema);
  for (const [field, value] of document) collector.topLevel(field, value);
  return collector.found;
}
