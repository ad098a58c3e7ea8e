/** Finds values of one attribute by what a user types: as a prefix, forgiving typos. */
import { compareBytes } from "../../../worker/core/settings/attribute-patterns.ts";
import type { DocSet } from "../doc-set.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { byteLength } from "../../../worker/core/text/lengths.ts";
import { normalizeFacetSearch } from "../../../worker/core/text/normalize.ts";
import { nearWords } from "../../../worker/core/text/edit-distance.ts";
import type { FacetColumn } from "./column.ts";

export interface FacetHit {
  readonly value: string;
  readonly count: number;
}

/** As Meilisearch does: the length that decides how many typos are forgiven is in bytes here. */
function typosAllowed(index: SearchIndex, field: string, query: string): number {
  const { enabled, minWordSizeForTypos, disableOnWords } = index.settings.typoTolerance;
  if (!enabled || index.schema.isExact(field)) return 0;
  if (disableOnWords.some((word) => word.toLowerCase() === query)) return 0;
  const length = byteLength(query);
  if (length < minWordSizeForTypos.oneTypo) return 0;
  return length < minWordSizeForTypos.twoTypos ? 1 : 2;
}

/** Values by their searchable form, in its order. */
function valuesByForm(column: FacetColumn): [form: string, keys: string[]][] {
  const forms = new Map<string, string[]>();
  for (const key of column.sortedStrings()) {
    const form = normalizeFacetSearch(key);
    const known = forms.get(form);
    if (known === undefined) forms.set(form, [key]);
    else known.push(key);
  }
  return [...forms].toSorted(([a], [b]) => compareBytes(a, b));
}

function matchingKeys(
  index: SearchIndex,
  field: string,
  column: FacetColumn,
  query: string | null,
): readonly string[] {
  if (query === null) return column.sortedStrings();
  const wanted = normalizeFacetSearch(query);
  const typos = typosAllowed(index, field, wanted);
  const forms = valuesByForm(column);
  const words = forms.map(([form]) => form);
  const near = new Set(
    nearWords(words, 0, words.length, wanted, typos, true).map(({ word }) => word),
  );
  return forms.filter(([form]) => near.has(form)).flatMap(([, keys]) => keys);
}

function spelling(column: FacetColumn, doc: number, wanted: string): string {
  return column.stringsOf(doc).find(({ key }) => key === wanted)?.original ?? wanted;
}

export function facetSearch(
  index: SearchIndex,
  field: string,
  query: string | null,
  candidates: DocSet,
): FacetHit[] {
  const column = index.columns.get(field);
  if (column === undefined) return [];
  const hits: FacetHit[] = [];
  for (const key of matchingKeys(index, field, column, query)) {
    const docs = column.docsWithString(key);
    const count = docs.filter((doc) => candidates.has(doc)).length;
    if (count === 0) continue;
    hits.push({ value: spelling(column, docs[0] ?? -1, key), count });
  }
  const { maxValuesPerFacet, sortFacetValuesBy } = index.settings.faceting;
  if ((sortFacetValuesBy[field] ?? sortFacetValuesBy["*"] ?? "alpha") === "count") {
    hits.sort((a, b) => b.count - a.count || compareBytes(b.value, a.value));
  }
  return hits.slice(0, maxValuesPerFacet);
}
