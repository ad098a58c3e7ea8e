/**
 * Hybrid search over shards: two merged lists of hits, one by words and one by vectors, made one by
 * the semantic ratio. It is done here and not on nodes, because a node judges by its own hits alone
 * whether words are good enough, and its merged list does not tell by what its hits were weighed.
 */
import { valueText } from "../json/text-scanner.ts";
import { compareSortValues } from "../ranking/compare-steps.ts";
import { documentKey } from "../ranking/document-key.ts";
import { isRecord } from "../ranking/json-record.ts";
import { rescaled, rescaledScore, type TypoMaxima } from "../ranking/recompute-score.ts";
import type { RankStep, SortValue } from "../ranking/score-details.ts";
import type { Hit } from "./hit.ts";
import { hitId } from "./hit-id.ts";

/** As Meilisearch does: a keyword score above 0.9 at ratio 0.5. */
const GOOD_ENOUGH_SCORE = 0.45;
const EPSILON = 2 ** -52;

/** The weight of the keyword side. Ratios are 32-bit floats on nodes. */
function keywordWeight(ratio: number): number {
  return Math.fround(1 - Math.fround(ratio));
}

/** Whether the first `needed` keyword hits are all there and so good that vectors are not asked. */
export function isGoodEnough(
  hits: readonly Hit[],
  needed: number,
  ratio: number,
  maxima: TypoMaxima,
): boolean {
  if (hits.length < needed) return false;
  const weight = keywordWeight(ratio);
  return hits.every((hit) => {
    const score = rescaled(hit, maxima).rankingScore ?? hit.rankingScore ?? 0;
    return score * weight >= GOOD_ENOUGH_SCORE;
  });
}

/** One element of what hits are compared by: consecutive relevancy rules are one score. */
export type ScoreValue =
  | { readonly kind: "score"; readonly value: number }
  | { readonly kind: "sort"; readonly asc: boolean; readonly value: SortValue }
  | { readonly kind: "geo"; readonly asc: boolean; readonly distance: number | null };

/** A hit's score values on the scale of one node that has every document. */
export function scoreValues(hit: Hit, maxima: TypoMaxima): readonly ScoreValue[] {
  const federation = hit.members.findLast(({ key }) => key === "_federation");
  if (federation === undefined) return [];
  const decoded: unknown = JSON.parse(valueText(hit.text, federation));
  const values = isRecord(decoded) ? decoded["weightedScoreValues"] : undefined;
  const groups = relevancyGroups(hit.steps).values();
  return Array.isArray(values)
    ? values.flatMap((value) => scoreValue(value, hit, groups, maxima))
    : [];
}

function scoreValue(
  element: unknown,
  hit: Hit,
  groups: Iterator<readonly RankStep[]>,
  maxima: TypoMaxima,
): readonly ScoreValue[] {
  if (!isRecord(element)) return [];
  const { weightedScore, vectorSort, sort, geoSort } = element;
  if (typeof vectorSort === "number") return [{ kind: "score", value: vectorSort }];
  if (typeof weightedScore === "number") {
    const steps = groups.next().value ?? [];
    return [{ kind: "score", value: wholeScore(weightedScore, steps, hit, maxima) }];
  }
  if (isRecord(sort)) {
    const { asc, value } = sort;
    const known = typeof value === "string" || typeof value === "number" ? value : null;
    return [{ kind: "sort", asc: asc === true, value: known }];
  }
  if (isRecord(geoSort)) {
    const { asc, distance } = geoSort;
    const known = typeof distance === "number" ? distance : null;
    return [{ kind: "geo", asc: asc === true, distance: known }];
  }
  return [];
}

/** Runs of relevancy rules between the rules that sort by a value. */
function relevancyGroups(steps: readonly RankStep[]): readonly (readonly RankStep[])[] {
  const groups: RankStep[][] = [];
  let isOpen = false;
  for (const step of steps) {
    const isRelevancy =
      (step.kind === "rank" && step.rule !== "vectorSort") || step.kind === "skipped";
    if (isRelevancy && isOpen) groups.at(-1)?.push(step);
    else if (isRelevancy) groups.push([step]);
    isOpen = isRelevancy;
  }
  return groups;
}

/** The score of one run, where the shard's own typo maximum gave it another scale. */
function wholeScore(
  score: number,
  steps: readonly RankStep[],
  hit: Hit,
  maxima: TypoMaxima,
): number {
  const maximum = steps.some(({ rule }) => rule === "typo") ? maxima.of(hit) : undefined;
  if (maximum === undefined) return score;
  return rescaledScore({ steps, details: hit.details, rankingScore: score }, maximum) ?? score;
}

interface Side {
  readonly values: readonly ScoreValue[];
  readonly weight: number;
}

/** Positive when `a` is better, as Meilisearch compares hits of the two lists. */
export function compareSides(a: Side, b: Side): number {
  const length = Math.max(a.values.length, b.values.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.values[at];
    const right = b.values[at];
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    const order = compareValues(left, a.weight, right, b.weight);
    if (order !== 0) return order;
  }
  return 0;
}

function compareValues(a: ScoreValue, weightA: number, b: ScoreValue, weightB: number): number {
  if (a.kind === "score" && b.kind === "score") {
    const difference = a.value * weightA - b.value * weightB;
    return Math.abs(difference) <= EPSILON ? 0 : difference;
  }
  // As Meilisearch does: a score wins over a sort value, unless it is 0.
  if (a.kind === "score") return a.value === 0 ? -1 : 1;
  if (b.kind === "score") return b.value === 0 ? 1 : -1;
  if (a.kind === "sort" && b.kind === "sort") return -compareSortValues(a.value, b.value, a.asc);
  if (a.kind === "geo" && b.kind === "geo") {
    return -compareSortValues(a.distance, b.distance, a.asc);
  }
  return 0;
}

/**
 * Both lists as one, best first, each document once. Between equals the vector's hit comes first,
 * and brings its own score.
 */
export function* mergeHybrid(
  semantic: readonly Hit[],
  keyword: readonly Hit[],
  ratio: number,
  primaryKey: string,
  maxima: TypoMaxima,
): Generator<Hit> {
  const vectorSides = semantic.map((hit) => sideOf(hit, Math.fround(ratio), maxima));
  const wordSides = keyword.map((hit) => sideOf(hit, keywordWeight(ratio), maxima));
  const seen = new Set<string>();
  for (let v = 0, w = 0; v < semantic.length || w < keyword.length;) {
    const vector = vectorSides[v];
    const word = wordSides[w];
    const takesVector =
      vector !== undefined && (word === undefined || compareSides(vector, word) >= 0);
    const hit = takesVector ? vector.hit : word?.hit;
    if (takesVector) v += 1;
    else w += 1;
    if (hit === undefined) return;
    const identity = hitIdentity(hit, primaryKey);
    if (seen.has(identity)) continue;
    seen.add(identity);
    yield hit;
  }
}

function sideOf(hit: Hit, weight: number, maxima: TypoMaxima): Side & { readonly hit: Hit } {
  return { hit, weight, values: scoreValues(hit, maxima) };
}

/** The document's id where it was retrieved, otherwise what the nodes sort by in its place. */
export function hitIdentity(hit: Hit, primaryKey: string): string {
  const id = hitId(hit.text, hit.members, primaryKey);
  return id ?? JSON.stringify(documentKey(hit.steps, primaryKey) ?? null);
}

/** How many hits were found by their vectors. */
export function semanticHits(hits: readonly Hit[]): number {
  return hits.filter(({ steps }) => steps.some(({ rule }) => rule === "vectorSort")).length;
}
