/** The response of `similar`: neighbours scored by their similarity alone. */
import { floatText } from "../decode/float-text.ts";
import { elements, memberOf, members, valueText } from "../json/text-scanner.ts";
import { isRecord } from "../ranking/json-record.ts";
import type { Hit } from "./hit.ts";
import { renderHit } from "./render-hit.ts";

/** How near the hit is to the vector; undefined when it has none. */
export function similarity(hit: Hit | undefined): number | undefined {
  const vectorSort = hit?.details["vectorSort"];
  const value = isRecord(vectorSort) ? vectorSort["similarity"] : undefined;
  return typeof value === "number" ? value : undefined;
}

/** The vectors of one embedder in a document that was asked for with its vectors. */
export function documentVectors(
  document: string,
  embedder: string,
): readonly (readonly number[])[] {
  const vectors = memberOf(document, 0, "_vectors");
  if (vectors === undefined || document[vectors.valueStart] !== "{") return [];
  const own = memberOf(document, vectors.valueStart, embedder);
  if (own === undefined || document[own.valueStart] !== "{") return [];
  const embeddings = members(document, own.valueStart).find(({ key }) => key === "embeddings");
  if (embeddings === undefined || document[embeddings.valueStart] !== "[") return [];
  const parts = elements(document, embeddings.valueStart);
  const [first] = parts;
  if (first === undefined) return [];
  // One vector may be written without the list around it.
  if (document[first[0]] !== "[") return [numbersOf(valueText(document, embeddings))];
  return parts.map(([start, end]) => numbersOf(document.slice(start, end)));
}

function numbersOf(text: string): readonly number[] {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value.map(Number) : [];
}

export interface SimilarOptions {
  readonly showRankingScore: boolean;
  readonly showRankingScoreDetails: boolean;
}

/** A neighbour as the client gets it: the nodes' other rules had no part in its rank. */
export function renderSimilar(hit: Hit, options: SimilarOptions): string {
  const { showRankingScore, showRankingScoreDetails } = options;
  const text = renderHit(hit, {
    showRankingScore,
    showRankingScoreDetails: false,
    hidesTieRule: false,
  });
  if (!showRankingScoreDetails) return text;
  const score = floatText(similarity(hit) ?? 0);
  const details = `"_rankingScoreDetails":{"vectorSort":{"order":0,"similarity":${score}}}`;
  return text === "{}" ? `{${details}}` : `${text.slice(0, -1)},${details}}`;
}

export interface SimilarPage {
  readonly offset: number;
  readonly limit: number;
  readonly rankingScoreThreshold: number | null;
}

/**
 * The page of the neighbours, and the total. As Meilisearch does: the threshold is looked at on the
 * page only, and where it cuts the page, only what is before the cut counts.
 */
export function similarPage(
  hits: readonly Hit[],
  page: SimilarPage,
  candidates: number,
): { readonly hits: readonly Hit[]; readonly total: number } {
  const shown = hits.slice(page.offset, page.offset + page.limit);
  const threshold = page.rankingScoreThreshold;
  const cut =
    threshold === null ? -1 : shown.findIndex((hit) => (similarity(hit) ?? 0) < threshold);
  if (cut === -1) return { hits: shown, total: candidates };
  return { hits: shown.slice(0, cut), total: page.offset + cut };
}
