/**
 * Facets of the whole out of the nodes' facets: counts add up by normalised value, statistics are
 * the least and the greatest, and values are ordered and cut as one node holding everything does.
 * Objects are built as text: JavaScript would put keys such as `10` before all others.
 */
import { compareText } from "../json/text-order.ts";
import { members, valueText } from "../json/text-scanner.ts";
import type { FacetOrder } from "../settings/settings.ts";
import { facetValues, type FacetValue, type NumberRange } from "./facet-values.ts";
import { facetsPart } from "./node-answer.ts";

export interface FacetRules {
  /** Whether clients may see the facet: nodes also know attributes of Miroir's own. */
  readonly isVisible: (facet: string) => boolean;
  readonly orderOf: (facet: string) => FacetOrder;
  readonly maxValuesPerFacet: number;
}

export interface NodeFacets {
  readonly values: ReadonlyMap<string, readonly FacetValue[]>;
  readonly ranges: ReadonlyMap<string, FacetRange>;
}

/** A statistic with its numbers as the node wrote them. */
export interface FacetRange extends NumberRange {
  readonly minText: string;
  readonly maxText: string;
}

/** Read `{"distribution":…,"stats":…}` of one node. */
export function readFacets(text: string, rules: FacetRules): NodeFacets {
  return readDistribution(facetsPart(text, "distribution"), facetsPart(text, "stats"), rules);
}

/** Read the texts of a distribution and of its statistics. */
export function readDistribution(
  distribution: string,
  stats: string,
  rules: FacetRules,
): NodeFacets {
  const ranges = new Map<string, FacetRange>();
  for (const member of members(stats)) {
    if (!rules.isVisible(member.key)) continue;
    ranges.set(member.key, readRange(valueText(stats, member)));
  }
  const values = new Map<string, readonly FacetValue[]>();
  for (const member of members(distribution)) {
    if (!rules.isVisible(member.key)) continue;
    const text = valueText(distribution, member);
    values.set(member.key, facetValues(text, rules.orderOf(member.key), ranges.get(member.key)));
  }
  return { values, ranges };
}

function readRange(text: string): FacetRange {
  const found = new Map(members(text).map((member) => [member.key, valueText(text, member)]));
  const minText = found.get("min") ?? "null";
  const maxText = found.get("max") ?? "null";
  return { minText, maxText, min: Number(minText), max: Number(maxText) };
}

/** Add the facets of parts that share no document. */
export function mergeFacets(parts: readonly NodeFacets[]): NodeFacets {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const values = new Map<string, FacetValue[]>();
  const ranges = new Map<string, FacetRange>();
  for (const part of parts) {
    for (const facet of part.values.keys()) {
      if (!values.has(facet)) values.set(facet, addValues(parts, facet));
    }
    for (const [facet, range] of part.ranges) {
      const known = ranges.get(facet);
      ranges.set(facet, known === undefined ? range : widest(known, range));
    }
  }
  return { values, ranges };
}

function addValues(parts: readonly NodeFacets[], facet: string): FacetValue[] {
  const spellings = new Map<string, FacetValue[]>();
  for (const part of parts) {
    for (const value of part.values.get(facet) ?? []) {
      // A number and a string may be spelled alike: `n` and `s` keep them apart.
      const key = `${value.number === undefined ? "s" : "n"}${value.key}`;
      const known = spellings.get(key);
      if (known === undefined) spellings.set(key, [value]);
      else addSpelling(known, value);
    }
  }
  return [...spellings.values()].map(shownSpelling);
}

function addSpelling(spellings: FacetValue[], value: FacetValue): void {
  const at = spellings.findIndex(({ label }) => label === value.label);
  const same = spellings[at];
  if (same === undefined) spellings.push(value);
  else spellings[at] = { ...same, count: same.count + value.count };
}

/**
 * One node shows the spelling of its oldest document. Shards cannot tell which of theirs is older,
 * so the one that stands for most documents is shown.
 */
function shownSpelling(spellings: readonly FacetValue[]): FacetValue {
  const [first, ...others] = spellings;
  if (first === undefined) throw new Error("a facet value has a spelling");
  const shown = others.reduce(
    (best, value) =>
      value.count > best.count ||
      (value.count === best.count && compareText(value.label, best.label) < 0)
        ? value
        : best,
    first,
  );
  return { ...shown, count: spellings.reduce((sum, { count }) => sum + count, 0) };
}

function widest(a: FacetRange, b: FacetRange): FacetRange {
  const low = a.min <= b.min ? a : b;
  const high = a.max >= b.max ? a : b;
  return { min: low.min, minText: low.minText, max: high.max, maxText: high.maxText };
}

/** As Meilisearch does: up to this many candidates, it lists numbers in the order of their text. */
const TEXT_ORDER_CANDIDATES_MAX = 3000;

/** The values that one node shows, in its order, for a search with that many candidates. */
export function shownValues(
  values: readonly FacetValue[],
  order: FacetOrder,
  maxValues: number,
  candidates: number,
  isOrdered = false,
): readonly FacetValue[] {
  const byDocuments = order === "alpha" && candidates <= TEXT_ORDER_CANDIDATES_MAX;
  const compare = order === "count" ? byCount : byDocuments ? byText : byValue;
  const numbers = values.filter(({ number }) => number !== undefined);
  const strings = values.filter(({ number }) => number === undefined);
  if (!isOrdered) {
    numbers.sort(compare);
    strings.sort(compare);
  }
  if (byDocuments) return [...numbers, ...strings].slice(0, maxValues);
  const shownNumbers = numbers.slice(0, Math.max(maxValues, 1));
  // As Meilisearch does: on this way it stops when the list is exactly full, so a block of numbers
  // that fills the list lets every string in after it.
  const room = maxValues - shownNumbers.length;
  return [...shownNumbers, ...(room > 0 ? strings.slice(0, room) : strings)];
}

function byText(a: FacetValue, b: FacetValue): number {
  return compareText(a.key, b.key);
}

function byValue(a: FacetValue, b: FacetValue): number {
  if (a.number !== undefined && b.number !== undefined) return a.number - b.number;
  return compareText(a.key, b.key);
}

/**
 * As Meilisearch does: among equal counts the greater value comes first. Of facets with about 20
 * values and more it looks at groups of values first, which nodes do not show: there the order of
 * equal counts is its own.
 */
function byCount(a: FacetValue, b: FacetValue): number {
  return b.count - a.count || byValue(b, a);
}

/**
 * The members `facetDistribution` and `facetStats` of a response. `isOrdered` tells that the values
 * are in the order of one node that has every document.
 */
export function facetMembers(
  facets: NodeFacets,
  rules: FacetRules,
  candidates: number,
  isOrdered = false,
): string {
  const { orderOf, maxValuesPerFacet } = rules;
  const distribution = sortedEntries(facets.values).map(([facet, values]) => {
    const order = orderOf(facet);
    const shown = shownValues(values, order, maxValuesPerFacet, candidates, isOrdered);
    const counts = shown.map(({ label, count }) => `${JSON.stringify(label)}:${count}`);
    return `${JSON.stringify(facet)}:{${counts.join(",")}}`;
  });
  const stats = sortedEntries(facets.ranges).map(
    ([facet, { minText, maxText }]) =>
      `${JSON.stringify(facet)}:{"min":${minText},"max":${maxText}}`,
  );
  return `"facetDistribution":{${distribution.join(",")}},"facetStats":{${stats.join(",")}}`;
}

function sortedEntries<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => compareText(a, b));
}
