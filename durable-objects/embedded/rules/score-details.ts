/**
 * What each ranking rule said of a document, and the numbers made of it: the rules' ranks folded
 * into one score, and the JSON that clients see. Exactly as Meilisearch computes them.
 */
import { floatText } from "../../../worker/core/decode/float-text.ts";
import { distanceBetween, type Point } from "../index/geo.ts";
import type { FacetValue } from "../facets/column.ts";

/** `max` is the best; 0 does not match. */
export interface Rank {
  readonly rank: number;
  readonly max: number;
}

export type MatchType = "exactMatch" | "matchesStart" | "noExactMatch";

export type ScoreDetail =
  | {
      readonly kind:
        | "words"
        | "typo"
        | "proximity"
        | "attributeRank"
        | "wordPosition"
        | "exactWords";
      readonly rank: Rank;
    }
  | { readonly kind: "exactAttribute"; readonly matchType: MatchType }
  | {
      readonly kind: "sort";
      readonly field: string;
      readonly ascending: boolean;
      readonly hidden: boolean;
      readonly value: FacetValue | null;
    }
  | {
      readonly kind: "geoSort";
      readonly target: Point;
      readonly ascending: boolean;
      readonly point: Point | null;
    }
  | { readonly kind: "vector"; readonly similarity: number | null };

const MATCH_TYPE_RANKS: Readonly<Record<MatchType, number>> = {
  exactMatch: 3,
  matchesStart: 2,
  noExactMatch: 1,
};
const MATCH_TYPE_MAX = 3;

function rankOf(detail: ScoreDetail): Rank | null {
  switch (detail.kind) {
    case "exactAttribute":
      return { rank: MATCH_TYPE_RANKS[detail.matchType], max: MATCH_TYPE_MAX };
    case "sort":
    case "geoSort":
    case "vector":
      return null;
    case "words":
    case "typo":
    case "proximity":
    case "attributeRank":
    case "wordPosition":
    case "exactWords":
      return detail.rank;
  }
}

function merged(outer: Rank, inner: Rank): Rank {
  return { rank: Math.max(0, outer.rank - 1) * inner.max + inner.rank, max: outer.max * inner.max };
}

const FIRST_RANK: Rank = { rank: 1, max: 1 };

function scoreOf(ranks: readonly Rank[]): number {
  const { rank, max } = ranks.reduce(merged, FIRST_RANK);
  return rank / max;
}

/** `_rankingScore`: sort and geo rules do not count, a similarity replaces the rest. */
export function globalScore(details: readonly ScoreDetail[]): number {
  const vector = details.findLast((detail) => detail.kind === "vector");
  if (vector !== undefined && vector.kind === "vector") return vector.similarity ?? 0;
  return scoreOf(details.flatMap((detail) => rankOf(detail) ?? []));
}

function valueText(value: FacetValue | null): string {
  return typeof value === "number" ? floatText(value) : JSON.stringify(value);
}

function distanceOf(detail: { readonly target: Point; readonly point: Point | null }): string {
  return detail.point === null ? "null" : floatText(distanceBetween(detail.target, detail.point));
}

export type ScoreElement =
  | { readonly kind: "score"; readonly isVector: boolean; readonly score: number }
  | Extract<ScoreDetail, { kind: "sort" | "geoSort" }>;

/** One element per sort rule; the ranks between them folded into one. */
export function scoreElements(details: readonly ScoreDetail[], weight: number): ScoreElement[] {
  const elements: ScoreElement[] = [];
  let open: Rank | null = null;
  for (const detail of details) {
    const rank = rankOf(detail);
    if (rank !== null) {
      open = open === null ? rank : merged(open, rank);
      continue;
    }
    if (open !== null) elements.push(weighted(open, weight));
    open = null;
    if (detail.kind === "sort" || detail.kind === "geoSort") elements.push(detail);
    else if (detail.kind === "vector") {
      elements.push({ kind: "score", isVector: true, score: (detail.similarity ?? 0) * weight });
    }
  }
  if (open !== null) elements.push(weighted(open, weight));
  return elements;
}

function weighted({ rank, max }: Rank, weight: number): ScoreElement {
  return { kind: "score", isVector: false, score: (rank / max) * weight };
}

function elementText(element: ScoreElement): string {
  switch (element.kind) {
    case "score":
      return `{"${element.isVector ? "vectorSort" : "weightedScore"}":${floatText(element.score)}}`;
    case "sort":
      return `{"sort":{"asc":${element.ascending},"value":${valueText(element.value)}}}`;
    case "geoSort":
      return `{"geoSort":{"asc":${element.ascending},"distance":${distanceOf(element)}}}`;
  }
}

/** `weightedScoreValues` of a federated hit. */
export function weightedScoreValues(details: readonly ScoreDetail[], weight: number): string {
  return `[${scoreElements(details, weight).map(elementText).join(",")}]`;
}

function member(name: string, fields: readonly string[]): string {
  return `${JSON.stringify(name)}:{${fields.join(",")}}`;
}

function rankScore(rank: Rank): string {
  return `"score":${floatText(rank.rank / rank.max)}`;
}

/** `joint`: the index ranks by the older rule `attribute`, which is both attribute rules at once. */
export function detailsJson(details: readonly ScoreDetail[], joint: boolean): string {
  const members: string[] = [];
  let order = 0;
  details.forEach((detail, at) => {
    const next = details[at + 1];
    const text = detailJson(detail, next, order, joint);
    if (text === null) return;
    members.push(text);
    order += 1;
  });
  return `{${members.join(",")}}`;
}

/** Null for a detail that is shown inside the one before it. */
function detailJson(
  detail: ScoreDetail,
  next: ScoreDetail | undefined,
  order: number,
  joint: boolean,
): string | null {
  const first = `"order":${order}`;
  switch (detail.kind) {
    case "words": {
      const { rank, max } = detail.rank;
      return member("words", [
        first,
        `"matchingWords":${rank}`,
        `"maxMatchingWords":${max}`,
        rankScore(detail.rank),
      ]);
    }
    case "typo": {
      const { rank, max } = detail.rank;
      return member("typo", [
        first,
        `"typoCount":${max - rank}`,
        `"maxTypoCount":${max - 1}`,
        rankScore(detail.rank),
      ]);
    }
    case "proximity":
      return member("proximity", [first, rankScore(detail.rank)]);
    case "attributeRank":
      return joint
        ? attributeJson(detail.rank, next, first)
        : member("attributeRank", [first, rankScore(detail.rank)]);
    case "wordPosition":
      return joint ? null : member("wordPosition", [first, rankScore(detail.rank)]);
    case "exactAttribute":
      return exactnessJson(detail.matchType, next, first);
    case "exactWords":
      return null;
    case "sort":
    case "geoSort":
    case "vector":
      return sortJson(detail, first, order);
  }
}

function attributeJson(rank: Rank, next: ScoreDetail | undefined, first: string): string {
  const fields = [first, `"attributeRankingOrderScore":${floatText(rank.rank / rank.max)}`];
  if (next?.kind === "wordPosition") {
    fields.push(`"queryWordDistanceScore":${floatText(next.rank.rank / next.rank.max)}`);
    fields.push(`"score":${floatText(scoreOf([rank, next.rank]))}`);
  }
  return member("attribute", fields);
}

function exactnessJson(matchType: MatchType, next: ScoreDetail | undefined, first: string): string {
  const attribute = { rank: MATCH_TYPE_RANKS[matchType], max: MATCH_TYPE_MAX };
  const fields = [first, `"matchType":"${matchType}"`];
  if (matchType === "noExactMatch" && next?.kind === "exactWords") {
    fields.push(`"matchingWords":${next.rank.rank - 1}`, `"maxMatchingWords":${next.rank.max - 1}`);
    fields.push(`"score":${floatText(scoreOf([attribute, next.rank]))}`);
  } else {
    fields.push(rankScore(attribute));
  }
  return member("exactness", fields);
}

function sortJson(
  detail: Extract<ScoreDetail, { kind: "sort" | "geoSort" | "vector" }>,
  first: string,
  order: number,
): string {
  if (detail.kind === "vector") {
    const similarity = detail.similarity === null ? "null" : floatText(detail.similarity);
    return member("vectorSort", [first, `"similarity":${similarity}`]);
  }
  const direction = detail.ascending ? "asc" : "desc";
  if (detail.kind === "sort") {
    if (detail.hidden) return member(`<hidden-rule-${order}>`, [first, `"value":"<hidden>"`]);
    return member(`${detail.field}:${direction}`, [first, `"value":${valueText(detail.value)}`]);
  }
  const { target, point } = detail;
  const value =
    point === null ? "null" : `{"lat":${floatText(point[0])},"lng":${floatText(point[1])}}`;
  return member(`_geoPoint(${target[0]}, ${target[1]}):${direction}`, [
    first,
    `"value":${value}`,
    `"distance":${distanceOf(detail)}`,
  ]);
}
