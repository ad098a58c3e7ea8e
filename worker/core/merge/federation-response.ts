/** The text of a federated response, its members in Meilisearch's order. */
import { floatText } from "../decode/float-text.ts";
import type { Window } from "../query/search-query.ts";
import { rescaled } from "../ranking/recompute-score.ts";
import { hasHiddenTieRule } from "../query/tie-rule.ts";
import { facetTexts, sortedEntries, type ShownFacets } from "./federation-facets.ts";
import type { FederatedHit, QueryScale } from "./federation-score.ts";
import { windowMembers } from "./page-window.ts";
import { renderHit } from "./render-hit.ts";
import { vectorText } from "./vector-text.ts";

export interface FederatedResponse {
  /** The texts of the page's hits. */
  readonly hits: readonly string[];
  /** What was searched for, where the answer is to look like that of one search. */
  readonly q: string | undefined;
  /** By the position of the query; undefined when no query retrieves vectors. */
  readonly queryVectors: ReadonlyMap<number, readonly number[]> | undefined;
  readonly processingTimeMs: number;
  readonly window: Window;
  readonly total: number;
  readonly mergedFacets: ShownFacets | undefined;
  readonly facetsByIndex: ReadonlyMap<string, ShownFacets>;
  readonly requestUid: string;
  /** JSON of the `metadata` member, where the client asked for it. */
  readonly metadata: string | undefined;
  /** Undefined when no query ranks by vectors. */
  readonly semanticHitCount: number | undefined;
  /** JSON of the `performanceDetails` member, where the client asked for it. */
  readonly performanceDetails: string | undefined;
  /** Whether a query named a remote: then the answer says that none failed. */
  readonly namesRemotes: boolean;
}

/** A hit with where it is from; `remote` is what its query called this instance. */
export function renderFederatedHit(
  { hit, score }: FederatedHit,
  scale: QueryScale,
  remote: string | undefined,
): string {
  const { index, query, place, maxima } = scale;
  const { showRankingScore, showRankingScoreDetails } = query;
  const from = remote === undefined ? "" : `,"remote":${JSON.stringify(remote)}`;
  const federation = `{"indexUid":${JSON.stringify(index.uid)},"queriesPosition":${place},"weightedRankingScore":${floatText(score)}${from}}`;
  const hidesTieRule = hasHiddenTieRule(index, query);
  return renderHit(
    hit,
    { showRankingScore, showRankingScoreDetails, hidesTieRule, federation },
    rescaled(hit, maxima),
  );
}

export function federatedText(response: FederatedResponse): string {
  const parts = [`"hits":[${response.hits.join(",")}]`];
  if (response.q !== undefined) parts.push(`"query":${JSON.stringify(response.q)}`);
  if (response.queryVectors !== undefined) {
    const vectors = [...response.queryVectors].sort(([a], [b]) => a - b);
    const texts = vectors.map(([position, vector]) => `"${position}":${vectorText(vector)}`);
    parts.push(`"queryVectors":{${texts.join(",")}}`);
  }
  parts.push(
    `"processingTimeMs":${Math.max(0, Math.round(response.processingTimeMs))}`,
    windowMembers(response.window, response.total),
  );
  if (response.mergedFacets !== undefined) {
    const { distribution, stats } = facetTexts(response.mergedFacets);
    parts.push(`"facetDistribution":${distribution}`, `"facetStats":${stats}`);
  }
  if (response.facetsByIndex.size > 0) {
    const indexes = sortedEntries(response.facetsByIndex).map(([uid, facets]) => {
      const { distribution, stats } = facetTexts(facets);
      return `${JSON.stringify(uid)}:{"distribution":${distribution},"stats":${stats}}`;
    });
    parts.push(`"facetsByIndex":{${indexes.join(",")}}`);
  }
  parts.push(`"requestUid":${JSON.stringify(response.requestUid)}`);
  if (response.metadata !== undefined) parts.push(`"metadata":${response.metadata}`);
  if (response.semanticHitCount !== undefined) {
    parts.push(`"semanticHitCount":${response.semanticHitCount}`);
  }
  if (response.performanceDetails !== undefined) {
    parts.push(`"performanceDetails":${response.performanceDetails}`);
  }
  if (response.namesRemotes) parts.push(`"remoteErrors":{}`);
  return `{${parts.join(",")}}`;
}
