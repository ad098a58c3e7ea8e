/**
 * All values of one faceted attribute: what filters, sorting, facets and distinct read. Strings are
 * compared by their normal form and shown as they were written.
 */
import { type Json, JsonNumber } from "../../../worker/core/decode/json.ts";
import { normalizeFacet } from "../../../worker/core/merge/normalize-facet.ts";
import { DocSet } from "../doc-set.ts";
import { compareBytes } from "../../../worker/core/settings/attribute-patterns.ts";
import { truncated } from "../../../worker/core/text/lengths.ts";
import { detached } from "../../../worker/core/text/detached.ts";

export type FacetValue = number | string;

export interface StringValue {
  /** The normal form, by which values are equal. */
  readonly key: string;
  readonly original: string;
}

/** As Meilisearch does: the rest of a longer value does not count. */
const FACET_BYTES_MAX = 468;

export function facetKey(text: string): string {
  return truncated(normalizeFacet(text), FACET_BYTES_MAX);
}

/** Documents by the place of their best value in one direction; -1 for those without a value. */
export interface Ranks {
  readonly values: readonly FacetValue[];
  readonly rankOf: Int32Array;
}

interface Cached {
  numbers?: readonly number[];
  strings?: readonly string[];
  ascending?: Ranks;
  descending?: Ranks;
}

const NO_NUMBERS: readonly number[] = [];
const NO_STRINGS: readonly StringValue[] = [];

function removeSorted(list: number[], doc: number): void {
  const at = list.indexOf(doc);
  if (at !== -1) list.splice(at, 1);
}

/** Position of the first element that is not before `value`. */
export function lowerBound<T>(
  list: readonly T[],
  value: T,
  compare: (a: T, b: T) => number,
): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const element = list[middle];
    if (element !== undefined && compare(element, value) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const compareNumbers = (a: number, b: number): number => a - b;

export class FacetColumn {
  readonly exists = new DocSet();
  readonly nulls = new DocSet();
  readonly empties = new DocSet();
  private readonly numbersByDoc = new Map<number, number[]>();
  private readonly stringsByDoc = new Map<number, StringValue[]>();
  /** Values are few and documents many: each pair of normal form and spelling is kept once. */
  private readonly spellings = new Map<string, StringValue>();
  private readonly docsByNumber = new Map<number, number[]>();
  private readonly docsByString = new Map<string, number[]>();
  private cached: Cached = {};

  add(doc: number, value: Json, insideArray: boolean): void {
    this.exists.add(doc);
    this.cached = {};
    if (value instanceof JsonNumber) this.addNumber(doc, value.value);
    else if (typeof value === "boolean") this.addString(doc, String(value));
    else if (typeof value === "string" && value !== "") this.addString(doc, value);
    else if (insideArray) return;
    else if (value === null) this.nulls.add(doc);
    else if (value === "" || isEmptyContainer(value)) this.empties.add(doc);
  }

  remove(doc: number): void {
    this.cached = {};
    for (const set of [this.exists, this.nulls, this.empties]) set.remove(doc);
    for (const number of this.numbersOf(doc)) removeFrom(this.docsByNumber, number, doc);
    for (const { key } of this.stringsOf(doc)) removeFrom(this.docsByString, key, doc);
    this.numbersByDoc.delete(doc);
    this.stringsByDoc.delete(doc);
  }

  numbersOf(doc: number): readonly number[] {
    return this.numbersByDoc.get(doc) ?? NO_NUMBERS;
  }

  stringsOf(doc: number): readonly StringValue[] {
    return this.stringsByDoc.get(doc) ?? NO_STRINGS;
  }

  docsWithNumber(value: number): readonly number[] {
    return this.docsByNumber.get(value) ?? NO_NUMBERS;
  }

  docsWithString(key: string): readonly number[] {
    return this.docsByString.get(key) ?? NO_NUMBERS;
  }

  sortedNumbers(): readonly number[] {
    this.cached.numbers ??= [...this.docsByNumber.keys()].toSorted(compareNumbers);
    return this.cached.numbers;
  }

  sortedStrings(): readonly string[] {
    this.cached.strings ??= [...this.docsByString.keys()].toSorted(compareBytes);
    return this.cached.strings;
  }

  /** As Meilisearch does: numbers come before strings in both directions. */
  ranks(ascending: boolean): Ranks {
    const known = ascending ? this.cached.ascending : this.cached.descending;
    if (known !== undefined) return known;
    const ranks = this.computeRanks(ascending);
    if (ascending) this.cached.ascending = ranks;
    else this.cached.descending = ranks;
    return ranks;
  }

  private computeRanks(ascending: boolean): Ranks {
    const numbers = this.sortedNumbers();
    const strings = this.sortedStrings();
    const values: FacetValue[] = ascending
      ? [...numbers, ...strings]
      : [...numbers.toReversed(), ...strings.toReversed()];
    const last = this.exists.toArray().at(-1) ?? -1;
    const rankOf = new Int32Array(last + 1).fill(-1);
    values.forEach((value, rank) => {
      const docs =
        typeof value === "number" ? this.docsWithNumber(value) : this.docsWithString(value);
      for (const doc of docs) if (rankOf[doc] === -1) rankOf[doc] = rank;
    });
    return { values, rankOf };
  }

  private addNumber(doc: number, value: number): void {
    const known = this.numbersByDoc.get(doc);
    if (known?.includes(value) === true) return;
    if (known === undefined) this.numbersByDoc.set(doc, [value]);
    else known.push(value);
    addTo(this.docsByNumber, value, doc);
  }

  private addString(doc: number, original: string): void {
    const value = this.stringValue(original);
    const known = this.stringsByDoc.get(doc);
    if (known === undefined) this.stringsByDoc.set(doc, [value]);
    else {
      const same = known.findIndex(({ key }) => key === value.key);
      // As Meilisearch does: of spellings with one normal form the last is shown.
      if (same === -1) known.push(value);
      else known[same] = value;
      if (same !== -1) return;
    }
    addTo(this.docsByString, value.key, doc);
  }

  private stringValue(original: string): StringValue {
    const known = this.spellings.get(original);
    if (known !== undefined) return known;
    const text = detached(original);
    const value = { key: detached(facetKey(original)), original: text };
    this.spellings.set(text, value);
    return value;
  }
}

function isEmptyContainer(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value instanceof Map && value.size === 0;
}

function addTo<K>(index: Map<K, number[]>, key: K, doc: number): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [doc]);
  else if ((list.at(-1) ?? -1) < doc) list.push(doc);
  else list.splice(lowerBound(list, doc, compareNumbers), 0, doc);
}

function removeFrom<K>(index: Map<K, number[]>, key: K, doc: number): void {
  const list = index.get(key);
  if (list === undefined) return;
  removeSorted(list, doc);
  if (list.length === 0) index.delete(key);
}
