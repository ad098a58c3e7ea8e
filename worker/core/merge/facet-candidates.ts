/**
 * Facet values by count, out of nodes that each list only their first values. A value that one node
 * lists may be missing on another, where it can have at most as many documents as the last value
 * listed there. So (as in the threshold algorithm) every value has a least and a greatest count;
 * those that may come among the shown are the candidates, and a second round counts them exactly.
 */
import type { FacetValue } from "./facet-values.ts";

/** One node's list of one facet, by count. */
export interface CountedList {
  readonly values: readonly FacetValue[];
  /** The node lists no more than so many: a list as long as this may go on. */
  readonly lengthMax: number;
}

/** Values that a second round counts: what a filter of that many values costs a node. */
export const CANDIDATES_MAX = 1_000;

interface Span {
  readonly value: FacetValue;
  least: number;
  /** What nodes that do list the value allow for in those that do not. */
  known: number;
}

/** Numbers and strings that are spelled alike are two values. */
export function valueKey({ number, key }: FacetValue): string {
  return `${number === undefined ? "s" : "n"}${key}`;
}

/**
 * The values to count again for the first `shown` to be exact, the most promising first; none when
 * the lists tell enough.
 */
export function facetCandidates(
  lists: readonly CountedList[],
  shown: number,
): readonly FacetValue[] {
  const rests = lists.map(restOf);
  const candidates = (["n", "s"] as const).flatMap((block) =>
    blockCandidates(
      lists,
      block,
      rests.map((rest) => rest[block]),
      shown,
    ),
  );
  const sure = candidates.every(({ isSure }) => isSure);
  if (sure) return [];
  return candidates
    .toSorted((a, b) => b.most - a.most)
    .slice(0, CANDIDATES_MAX)
    .map(({ value }) => value);
}

/** The greatest count that a value which is not on the list can have on that node, by block. */
type Rest = Readonly<Record<"n" | "s", number>>;

function restOf({ values, lengthMax }: CountedList): Rest {
  const last = values.at(-1);
  if (last === undefined || values.length < lengthMax) return { n: 0, s: 0 };
  const lastNumber = values.findLast(({ number }) => number !== undefined);
  // A node lists numbers first. Where the list ends among strings, all numbers are on it; where it
  // ends among numbers, nothing is known of strings but that a document has one at most.
  if (last.number === undefined) return { n: 0, s: last.count };
  return { n: lastNumber?.count ?? 0, s: Infinity };
}

interface Candidate {
  readonly value: FacetValue;
  readonly most: number;
  readonly isSure: boolean;
}

function blockCandidates(
  lists: readonly CountedList[],
  block: "n" | "s",
  rests: readonly number[],
  shown: number,
): readonly Candidate[] {
  const all = rests.reduce((sum, rest) => sum + rest, 0);
  const spans = new Map<string, Span>();
  for (const [at, { values }] of lists.entries()) {
    for (const value of values) {
      const key = valueKey(value);
      if (!key.startsWith(block)) continue;
      const span = spans.get(key) ?? { value, least: 0, known: 0 };
      span.least += value.count;
      span.known += rests[at] ?? 0;
      spans.set(key, span);
    }
  }
  const least = [...spans.values()].map((span) => span.least).toSorted((a, b) => b - a);
  const last = least[Math.min(shown, least.length) - 1] ?? 0;
  return [...spans.values()].flatMap(({ value, least: sure, known }) => {
    const most = sure + (Number.isFinite(all) ? all - known : 0);
    return most < last ? [] : [{ value, most, isSure: most === sure }];
  });
}

/**
 * Values of a node that the first round's lists left out can at most have this many documents; when
 * it is below the last count shown, what is shown is exact.
 */
export function unseenAtMost(lists: readonly CountedList[]): number {
  const rests = lists.map(restOf);
  return Math.max(
    ...(["n", "s"] as const).map((block) => rests.reduce((sum, rest) => sum + rest[block], 0)),
  );
}

/** Candidates with their exact counts, in place of what the first round said of all values. */
export function recounted(
  candidates: readonly FacetValue[],
  counts: readonly FacetValue[],
): FacetValue[] {
  const exact = new Map(counts.map((value) => [valueKey(value), value]));
  return candidates.flatMap((value) => exact.get(valueKey(value)) ?? []);
}
