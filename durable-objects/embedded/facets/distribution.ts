/** How often each value of an attribute occurs among the documents found, and the range of numbers. */
import { floatDisplay, floatText } from "../../../worker/core/decode/float-text.ts";
import { compareBytes, covers } from "../../../worker/core/settings/attribute-patterns.ts";
import type { DocSet } from "../doc-set.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { matchPatterns } from "../index/attribute-patterns.ts";
import { compareNumbers, type FacetColumn } from "./column.ts";

/** As Meilisearch does: with more documents, numbers are listed by size, not as text. */
const TEXT_ORDER_DOCS_MAX = 3000;

interface Counted {
  readonly label: string;
  readonly key: string | number;
  readonly count: number;
}

function countNumbers(column: FacetColumn, docs: readonly number[]): Counted[] {
  const counts = new Map<number, number>();
  for (const doc of docs) {
    for (const value of column.numbersOf(doc)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => ({ label: floatDisplay(key), key, count }));
}

/** The label is the spelling of the first document. */
function countStrings(column: FacetColumn, docs: readonly number[]): Counted[] {
  const counts = new Map<string, { label: string; count: number }>();
  for (const doc of docs) {
    for (const { key, original: label } of column.stringsOf(doc)) {
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { label, count: 1 });
      else known.count += 1;
    }
  }
  return [...counts].map(([key, { label, count }]) => ({ label, key, count }));
}

function compareKeys(a: Counted, b: Counted): number {
  return typeof a.key === "number" && typeof b.key === "number"
    ? compareNumbers(a.key, b.key)
    : compareBytes(String(a.key), String(b.key));
}

function byCount(a: Counted, b: Counted): number {
  return b.count - a.count || compareKeys(b, a);
}

function ordered(
  index: SearchIndex,
  orderName: string,
  column: FacetColumn,
  docs: readonly number[],
): Counted[] {
  const numbers = countNumbers(column, docs);
  const strings = countStrings(column, docs);
  const { sortFacetValuesBy } = index.settings.faceting;
  const order = sortFacetValuesBy[orderName] ?? sortFacetValuesBy["*"] ?? "alpha";
  if (order === "count") return [...numbers.toSorted(byCount), ...strings.toSorted(byCount)];
  const asText = docs.length <= TEXT_ORDER_DOCS_MAX;
  const compareLabels = (a: Counted, b: Counted): number => compareBytes(a.label, b.label);
  return [
    ...numbers.toSorted(asText ? compareLabels : compareKeys),
    ...strings.toSorted(compareKeys),
  ];
}

export interface FacetTexts {
  readonly distribution: string;
  readonly stats: string;
}

interface FacetedField {
  readonly field: string;
  readonly column: FacetColumn;
  /** Under which name the settings have the order of its values. */
  readonly orderName: string;
}

/** Attributes that the patterns name, and those nested in them, in the order of their names. */
function facetedFields(index: SearchIndex, patterns: readonly string[]): FacetedField[] {
  const filterable = [...index.columns].filter(([field]) => index.schema.isFilterable(field));
  const named = filterable
    .map(([field]) => field)
    .filter((field) => matchPatterns(patterns, field) === "match");
  return (
    filterable
      .filter(([field]) => named.some((name) => covers(name, field)))
      // As Meilisearch does: the order of a nested attribute that is not named is the general one.
      .map(([field, column]) => ({ field, column, orderName: named.includes(field) ? field : "*" }))
      .toSorted((a, b) => compareBytes(a.field, b.field))
  );
}

/** Both parts as JSON text: an object of JavaScript would reorder values that look like numbers. */
export function facetTexts(
  index: SearchIndex,
  patterns: readonly string[],
  found: DocSet,
): FacetTexts {
  const docs = found.toArray();
  const { maxValuesPerFacet } = index.settings.faceting;
  const distribution: string[] = [];
  const stats: string[] = [];
  for (const { field, column, orderName } of facetedFields(index, patterns)) {
    const values = ordered(index, orderName, column, docs).slice(0, maxValuesPerFacet);
    const members = values.map(({ label, count }) => `${JSON.stringify(label)}:${count}`);
    distribution.push(`${JSON.stringify(field)}:{${members.join(",")}}`);
    const range = numberRange(column, docs);
    if (range !== null) {
      stats.push(
        `${JSON.stringify(field)}:{"min":${floatText(range.min)},"max":${floatText(range.max)}}`,
      );
    }
  }
  return { distribution: `{${distribution.join(",")}}`, stats: `{${stats.join(",")}}` };
}

function numberRange(
  column: FacetColumn,
  docs: readonly number[],
): { min: number; max: number } | null {
  let min = Infinity;
  let max = -Infinity;
  for (const doc of docs) {
    for (const value of column.numbersOf(doc)) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return min > max ? null : { min, max };
}
