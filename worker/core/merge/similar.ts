/** The response of `similar`: neighbours scored by their similarity alone. */
import { floatText } from "../decode/float-text.ts";
import { elements, memberOf, valueText } from "../json/text-scanner.ts";
import { isRecord } from "../ranking/json-record.ts";
import type { Hit } from "./hit.ts";
import { renderHit } from "./render-hit.ts";

/** How near the hit is to the vector; undefined when it has none. */
export function similarity(hit: Hit | undefined): number | undefined {
  const vectorSort = hit?.details["vectorSort"];
  const value = isRecord(vectorSort) ? vectorSort["similarity"] : undefined;
  return typeof value === "number" ? value : undefined;
}

/** A hit with what it is ranked by. */
export interface Neighbour {
  readonly hit: Hit;
  readonly similarity: number;
}

/** Hits as the nodes ranked them, without those that have no vector. */
export function neighboursOf(hits: readonly Hit[]): readonly Neighbour[] {
  return hits.flatMap((hit) => {
    const score = similarity(hit);
    return score === undefined ? [] : [{ hit, similarity: score }];
  });
}

/** The vectors of one embedder in the `_vectors` of a document. */
export function documentVectors(vectors: string, embedder: string): readonly (readonly number[])[] {
  const own = memberOf(vectors, 0, embedder);
  if (own === undefined || vectors[own.valueStart] !== "{") return [];
  const embeddings = memberOf(vectors, own.valueStart, "embeddings");
  if (embeddings === undefined || vectors[embeddings.valueStart] !== "[") return [];
  const parts = elements(vectors, embeddings.valueStart);
  const [first] = parts;
  if (first === undefined) return [];
  // One vector may be written without the list around it.
  if (vectors[first[0]] !== "[") return [numbersOf(valueText(vectors, embeddings))];
  return parts.map(([start, end]) => numbersOf(vectors.slice(start, end)));
}

function numbersOf(text: string): readonly number[] {
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value.map(Number) : [];
}

export interface SimilarOptions {
  readonly showRankingScore: boolean;
  readonly showRankingScoreDetails: boolean;
  readonly retrieveVectors: boolean;
}

/** A neighbour as the client gets it: the nodes' other rules had no part in its rank. */
export function renderSimilar(
  { hit, similarity: score }: Neighbour,
  options: SimilarOptions,
): string {
  const { showRankingScore, showRankingScoreDetails, retrieveVectors } = options;
  // Vectors may have been asked for the merge alone.
  const shown = retrieveVectors
    ? hit
    : { ...hit, members: hit.members.filter(({ key }) => key !== "_vectors") };
  const text = renderHit(
    shown,
    { showRankingScore, showRankingScoreDetails: false, hidesTieRule: false },
    { rankingScore: score, maxTypoCount: undefined },
  );
  if (!showRankingScoreDetails) return text;
  const details = `"_rankingScoreDetails":{"vectorSort":{"order":0,"similarity":${floatText(score)}}}`;
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
  neighbours: readonly Neighbour[],
  page: SimilarPage,
  candidates: number,
): { readonly page: readonly Neighbour[]; readonly total: number } {
  const shown = neighbours.slice(page.offset, page.offset + page.limit);
  const threshold = page.rankingScoreThreshold;
  const cut = threshold === null ? -1 : shown.findIndex((each) => each.similarity < threshold);
  if (cut === -1) return { page: shown, total: candidates };
  return { page: shown.slice(0, cut), total: page.offset + cut };
}
