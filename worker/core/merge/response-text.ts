/** The text of a search response, its members in Meilisearch's order. */
import type { Window } from "../query/search-query.ts";
import { windowMembers } from "./page-window.ts";

export interface SearchResponse {
  /** The hits as the client gets them, parted by commas. */
  readonly hits: string;
  readonly q: string | null;
  /** JSON of the vector that the query was embedded to, where the client asked for vectors. */
  readonly queryVector?: string | undefined;
  readonly processingTimeMs: number;
  readonly window: Window;
  readonly total: number;
  /** The members `facetDistribution` and `facetStats`, where facets were asked for. */
  readonly facets?: string | undefined;
  readonly requestUid: string;
  /** JSON of the `metadata` member, where the client asked for it. */
  readonly metadata?: string | undefined;
  /** JSON of the `performanceDetails` member, where the client asked for it. */
  readonly performanceDetails?: string | undefined;
  readonly semanticHitCount?: number | undefined;
}

export function responseText(response: SearchResponse): string {
  const parts = [`"hits":[${response.hits}]`, `"query":${JSON.stringify(response.q ?? "")}`];
  if (response.queryVector !== undefined) parts.push(`"queryVector":${response.queryVector}`);
  parts.push(
    `"processingTimeMs":${Math.max(0, Math.round(response.processingTimeMs))}`,
    windowMembers(response.window, response.total),
  );
  if (response.facets !== undefined) parts.push(response.facets);
  parts.push(`"requestUid":${JSON.stringify(response.requestUid)}`);
  if (response.metadata !== undefined) parts.push(`"metadata":${response.metadata}`);
  if (response.performanceDetails !== undefined) {
    parts.push(`"performanceDetails":${response.performanceDetails}`);
  }
  if (response.semanticHitCount !== undefined) {
    parts.push(`"semanticHitCount":${response.semanticHitCount}`);
  }
  return `{${parts.join(",")}}`;
}
