/** Order of hits of several queries in one federated search, by their weighted scores. */
import { compareBytes } from "../../../worker/core/settings/attribute-patterns.ts";
import type { FacetValue } from "../facets/column.ts";
import { distanceBetween } from "../index/geo.ts";
import {
  globalScore,
  type ScoreDetail,
  scoreElements,
  type ScoreElement,
} from "../rules/score-details.ts";

function compareValues(a: FacetValue | null, b: FacetValue | null, ascending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  const order =
    typeof a === "number" && typeof b === "number" ? a - b : compareBytes(String(a), String(b));
  return ascending ? order : -order;
}

/** Negative when `a` comes first; undefined for scores that cannot be compared. */
function compareElements(a: ScoreElement, b: ScoreElement): number | undefined {
  if (a.kind === "score" && b.kind === "score") {
    return Math.abs(a.score - b.score) <= Number.EPSILON ? 0 : b.score - a.score;
  }
  if (a.kind === "sort" && b.kind === "sort" && a.ascending === b.ascending) {
    return compareValues(a.value, b.value, a.ascending);
  }
  if (a.kind === "geoSort" && b.kind === "geoSort" && a.ascending === b.ascending) {
    const distance = (one: typeof a): number | null =>
      one.point === null ? null : distanceBetween(one.target, one.point);
    return compareValues(distance(a), distance(b), a.ascending);
  }
  return undefined;
}

export function compareScores(
  a: readonly ScoreDetail[],
  aWeight: number,
  b: readonly ScoreDetail[],
  bWeight: number,
): number {
  const left = scoreElements(a, aWeight);
  const right = scoreElements(b, bWeight);
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const one = left[at];
    const other = right[at];
    // As Meilisearch does: the hit with more rules left comes first.
    if (one === undefined || other === undefined) return one === undefined ? 1 : -1;
    const order = compareElements(one, other);
    if (order === undefined) {
      if (left.length !== right.length) return right.length - left.length;
      return globalScore(b) * bWeight - globalScore(a) * aWeight;
    }
    if (order !== 0) return order;
  }
  return 0;
}
