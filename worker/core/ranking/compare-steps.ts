/**
 * The order of two hits of different shards: rule by rule on raw details, never on folded scores,
 * whose scale differs between shards. A strict total order up to hits that one node would also call
 * equal, so merging is associative and does not depend on the order of the shards.
 */
import { compareText } from "../json/text-order.ts";
import type { RankStep, SortValue } from "./score-details.ts";

/** Negative when `a` ranks before `b`, positive when after, zero when no rule tells them apart. */
export function compareSteps(a: readonly RankStep[], b: readonly RankStep[]): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a[at];
    const right = b[at];
    if (left === undefined || right === undefined) break;
    const order = compareStep(left, right);
    if (order !== 0) return order;
  }
  // As Meilisearch does: when one list has ended, the longer one wins.
  return b.length - a.length;
}

function compareStep(a: RankStep, b: RankStep): number {
  if (a.kind === "rank" && b.kind === "rank") return b.value - a.value;
  if (a.kind === "sort" && b.kind === "sort") return compareSortValues(a.value, b.value, a.asc);
  if (a.kind === "geo" && b.kind === "geo") return compareDistances(a.distance, b.distance, a.asc);
  if (a.kind === b.kind) return 0;
  if (a.kind === "skipped") return 1;
  if (b.kind === "skipped") return -1;
  return 0;
}

/**
 * As Meilisearch does: documents without a value come last and numbers come before strings,
 * whatever the direction.
 */
export function compareSortValues(a: SortValue, b: SortValue, asc: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === "number") {
    if (typeof b !== "number") return -1;
    return asc ? a - b : b - a;
  }
  if (typeof b === "number") return 1;
  return asc ? compareText(a, b) : compareText(b, a);
}

function compareDistances(a: number | null, b: number | null, asc: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return asc ? a - b : b - a;
}
