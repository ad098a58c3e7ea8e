/** Facets of a federated search: those of each index, or one distribution over all of them. */
import { compareText } from "../json/text-order.ts";
import type { FacetOrder } from "../settings/settings.ts";
import type { FacetValue } from "./facet-values.ts";
import { shownValues, type FacetRange, type FacetRules, type NodeFacets } from "./facets.ts";
import { normalizeFacet } from "./normalize-facet.ts";

/** Values and counts of one facet, in the order in which they are shown. */
type Counts = readonly ShownCount[];

interface ShownCount {
  readonly label: string;
  readonly count: number;
}

/** Facets as the client gets them. */
export interface ShownFacets {
  readonly distribution: ReadonlyMap<string, Counts>;
  readonly stats: ReadonlyMap<string, FacetRange>;
}

/** The facets of one index, cut and ordered by its settings. */
export function shownFacets(
  facets: NodeFacets | undefined,
  rules: FacetRules,
  candidates: number,
): ShownFacets {
  const distribution = new Map<string, Counts>();
  for (const [facet, values] of facets?.values ?? []) {
    const { maxValuesPerFacet } = rules;
    distribution.set(
      facet,
      shownValues(values, rules.orderOf(facet), maxValuesPerFacet, candidates),
    );
  }
  return { distribution, stats: facets?.ranges ?? new Map() };
}

/**
 * The facets of all indexes in one. As Meilisearch does: values count as one when they are spelled
 * alike, and are ordered by their spelling.
 */
export function mergedFacets(
  all: readonly ShownFacets[],
  orderOf: (facet: string) => FacetOrder,
  maxValues: number | null,
): ShownFacets {
  const sums = new Map<string, Map<string, number>>();
  const stats = new Map<string, FacetRange>();
  for (const facets of all) {
    for (const [facet, counts] of facets.distribution) {
      const known = sums.get(facet) ?? new Map<string, number>();
      for (const { label, count } of counts) known.set(label, (known.get(label) ?? 0) + count);
      sums.set(facet, known);
    }
    for (const [facet, range] of facets.stats) {
      const known = stats.get(facet);
      stats.set(facet, known === undefined ? range : widest(known, range));
    }
  }
  const distribution = new Map<string, Counts>();
  for (const [facet, counts] of sums) {
    const values = [...counts].map(([label, count]) => ({ label, count }));
    values.sort(
      orderOf(facet) === "count"
        ? (a, b) => b.count - a.count
        : (a, b) => compareText(a.label, b.label),
    );
    distribution.set(facet, maxValues === null ? values : values.slice(0, maxValues));
  }
  return { distribution, stats };
}

function widest(a: FacetRange, b: FacetRange): FacetRange {
  const low = a.min <= b.min ? a : b;
  const high = a.max >= b.max ? a : b;
  return { min: low.min, minText: low.minText, max: high.max, maxText: high.maxText };
}

/**
 * Shown facets without documents that `distinct` rejected after all. As Meilisearch does: statistics
 * stay, and no value moves up for one that goes.
 */
export function withoutRejected(shown: ShownFacets, rejected: NodeFacets): ShownFacets {
  const distribution = new Map<string, Counts>();
  for (const [facet, counts] of shown.distribution) {
    const removed = new Map<string, number>();
    for (const value of rejected.values.get(facet) ?? []) removed.set(nameOf(value), value.count);
    distribution.set(
      facet,
      counts.flatMap(({ label, count }) => {
        const left = count - (removed.get(label) ?? removed.get(normalizeFacet(label)) ?? 0);
        return left > 0 ? [{ label, count: left }] : [];
      }),
    );
  }
  return { distribution, stats: shown.stats };
}

function nameOf({ number, key, label }: FacetValue): string {
  return number === undefined ? key : label;
}

/** The texts of the two objects, facets in the order of their names. */
export function facetTexts({ distribution, stats }: ShownFacets): {
  readonly distribution: string;
  readonly stats: string;
} {
  const counts = sortedEntries(distribution).map(([facet, values]) => {
    const members = values.map(({ label, count }) => `${JSON.stringify(label)}:${count}`);
    return `${JSON.stringify(facet)}:{${members.join(",")}}`;
  });
  const ranges = sortedEntries(stats).map(
    ([facet, { minText, maxText }]) =>
      `${JSON.stringify(facet)}:{"min":${minText},"max":${maxText}}`,
  );
  return { distribution: `{${counts.join(",")}}`, stats: `{${ranges.join(",")}}` };
}

/** Entries in the order of their keys, as Meilisearch's sorted maps print them. */
export function sortedEntries<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => compareText(a, b));
}
