/**
 * By what hits of different queries are compared: Meilisearch's weighted score values, on the scale
 * of one node that has every document, without the rule that nodes have besides the client's.
 */
import { hasHiddenTieRule } from "../query/tie-rule.ts";
import type { SearchQuery } from "../query/search-query.ts";
import { compareSortValues } from "../ranking/compare-steps.ts";
import { rescaled, type TypoMaxima } from "../ranking/recompute-score.ts";
import type { RankStep } from "../ranking/score-details.ts";
import type { IndexEntry } from "../topology/topology.ts";
import type { Hit } from "./hit.ts";
import { scoreValues, type ScoreValue } from "./hybrid.ts";

/** Scores are quotients of whole numbers: recomputed ones are equal but for rounding. */
const SCORE_ROUNDING = 1e-12;

/** A hit among those of other queries. */
export interface FederatedHit {
  readonly hit: Hit;
  readonly index: IndexEntry;
  /** Position of its query in the request. */
  readonly position: number;
  /** `weightedRankingScore`. */
  readonly score: number;
  readonly values: readonly ScoreValue[];
}

/** What all hits of a query have in common. */
export interface QueryScale {
  readonly index: IndexEntry;
  readonly query: SearchQuery;
  readonly position: number;
  /** Where the client asked for it. */
  readonly place: number;
  readonly weight: number;
  /** Of all hits of the query, on all shards. */
  readonly maxima: TypoMaxima;
}

export function federatedHit(hit: Hit, scale: QueryScale): FederatedHit {
  const { index, weight, maxima, position } = scale;
  const score = rescaled(hit, maxima).rankingScore ?? hit.rankingScore ?? 1;
  const tellsByItself = hit.isPlain || hit.isRevised;
  const own =
    tellsByItself && hasOneScore(hit) ? stepValues(hit, maxima) : scoreValues(hit, maxima);
  const values = (endsWithTieRule(hit, scale) ? own.slice(0, -1) : own).map((value) =>
    value.kind === "score" ? { ...value, value: value.value * weight } : value,
  );
  return { hit, index, position, score: score * weight, values };
}

/** Whether all relevancy rules follow one another: then they are one score, the ranking score. */
function hasOneScore({ steps }: Hit): boolean {
  return relevancyRuns(steps) <= 1;
}

function relevancyRuns(steps: readonly RankStep[]): number {
  return steps.filter((step, at) => isRelevancy(step) && !isRelevancy(steps[at - 1])).length;
}

function isRelevancy(step: RankStep | undefined): boolean {
  return step?.kind === "rank" || step?.kind === "skipped";
}

/** The values of a hit whose relevancy rules are one score. */
function stepValues(hit: Hit, maxima: TypoMaxima): readonly ScoreValue[] {
  const score = rescaled(hit, maxima).rankingScore ?? hit.rankingScore ?? 1;
  return hit.steps.flatMap((step, at): readonly ScoreValue[] => {
    if (step.kind === "sort") return [{ kind: "sort", asc: step.asc, value: step.value }];
    if (step.kind === "geo") return [{ kind: "geo", asc: step.asc, distance: step.distance }];
    return isRelevancy(hit.steps[at - 1]) ? [] : [{ kind: "score", value: score }];
  });
}

/** Whether the last value is that of Miroir's own rule. A search that was cut off has not got to it. */
function endsWithTieRule({ steps }: Hit, { index, query }: QueryScale): boolean {
  if (!hasHiddenTieRule(index, query)) return false;
  const last = steps.at(-1);
  // Where the primary key is not displayed its rule has no name.
  return (
    last?.kind === "sort" &&
    (last.rule === `${index.primaryKey}:asc` || last.rule.startsWith("<hidden-rule-"))
  );
}

/** Negative when `a` comes before `b`. */
export function compareFederated(a: FederatedHit, b: FederatedHit): number {
  const order = compareAllValues(a.values, b.values) ?? compareScores(a.score, b.score);
  return order === 0 ? a.position - b.position : order;
}

/** Undefined when the values cannot be compared and as many follow on both sides. */
function compareAllValues(a: readonly ScoreValue[], b: readonly ScoreValue[]): number | undefined {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a[at];
    const right = b[at];
    if (left === undefined || right === undefined) break;
    const order = compareValues(left, right);
    // As Meilisearch does: where rules differ in kind, the side with more rules left wins.
    if (order === undefined) return a.length === b.length ? undefined : b.length - a.length;
    if (order !== 0) return order;
  }
  return b.length - a.length;
}

function compareValues(a: ScoreValue, b: ScoreValue): number | undefined {
  if (a.kind === "score" && b.kind === "score") return compareScores(a.value, b.value);
  if (a.kind === "sort" && b.kind === "sort") {
    return a.asc === b.asc ? compareSortValues(a.value, b.value, a.asc) : undefined;
  }
  if (a.kind === "geo" && b.kind === "geo") {
    // Unlike Meilisearch, which lets the farther hit of two queries win whatever the direction.
    return a.asc === b.asc ? compareSortValues(a.distance, b.distance, a.asc) : undefined;
  }
  return undefined;
}

function compareScores(a: number, b: number): number {
  const tolerance = SCORE_ROUNDING * Math.max(Math.abs(a), Math.abs(b));
  return Math.abs(a - b) <= Math.max(tolerance, Number.EPSILON) ? 0 : b - a;
}
