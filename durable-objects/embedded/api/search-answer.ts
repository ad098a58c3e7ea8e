/** The text of a hit in each of the forms in which nodes answer searches. */
import { floatText } from "../../../worker/core/decode/float-text.ts";
import type { SearchQuery } from "../../../worker/core/query/search-query.ts";
import { type HitTexts, joined } from "../engine/hits.ts";
import {
  detailsJson,
  globalScore,
  type ScoreDetail,
  weightedScoreValues,
} from "../rules/score-details.ts";

export interface FederationInfo {
  readonly indexUid: string;
  readonly position: number;
  readonly weight: number;
  readonly isProxied: boolean;
}

function federationText(
  info: FederationInfo,
  hit: HitTexts,
  details: readonly ScoreDetail[],
): string {
  const members = [
    `"indexUid":${JSON.stringify(info.indexUid)}`,
    `"queriesPosition":${info.position}`,
    `"weightedRankingScore":${floatText(globalScore(details) * info.weight)}`,
  ];
  if (info.isProxied) {
    members.push(`"weightedScoreValues":${weightedScoreValues(details, info.weight)}`);
    members.push(`"extra_document":${hit.extra}`);
  }
  return `"_federation":{${members.join(",")}}`;
}

export function hitText(
  hit: HitTexts,
  details: readonly ScoreDetail[],
  query: SearchQuery,
  rankingRules: readonly string[],
  federation: FederationInfo | null,
): string {
  const parts = [hit.document];
  if (federation !== null) parts.push(federationText(federation, hit, details));
  if (hit.formatted !== null) parts.push(`"_formatted":${hit.formatted}`);
  if (hit.matchesPosition !== null) parts.push(`"_matchesPosition":${hit.matchesPosition}`);
  if (query.showRankingScore) parts.push(`"_rankingScore":${floatText(globalScore(details))}`);
  if (query.showRankingScoreDetails) {
    const joint = rankingRules.includes("attribute");
    parts.push(`"_rankingScoreDetails":${detailsJson(details, joint)}`);
  }
  return `{${joined(...parts)}}`;
}

/** Totals and paging, as members of an answer. */
export function windowText(
  window:
    | { readonly offset: number; readonly limit: number }
    | { readonly page: number; readonly hitsPerPage: number },
  total: number,
): string {
  if ("limit" in window) {
    return `"limit":${window.limit},"offset":${window.offset},"estimatedTotalHits":${total}`;
  }
  const { page, hitsPerPage } = window;
  const pages = hitsPerPage === 0 ? 0 : Math.ceil(total / hitsPerPage);
  return `"hitsPerPage":${hitsPerPage},"page":${page},"totalPages":${pages},"totalHits":${total}`;
}
