/**
 * Similarity of documents with several vectors per embedder. As Meilisearch does: the n-th vector of
 * a document is compared with the n-th vectors of the others only, while a search by one vector
 * compares it with all of theirs. So the neighbours that searches found are scored again here.
 */
import type { Embedder } from "../settings/settings.ts";
import { valueText } from "../json/text-scanner.ts";
import type { Hit } from "./hit.ts";
import { hitIdentity } from "./hybrid.ts";
import { documentVectors, similarity, type Neighbour } from "./similar.ts";

type Vector = readonly number[];

/** Below this product of norms a node calls two vectors equal. */
const NORM_MIN = 2 ** -23;

function dot(a: Vector, b: Vector): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}

/** As nodes measure: 1 for the same direction, 0.5 for a right angle, 0 for the opposite. */
export function cosineSimilarity(a: Vector, b: Vector): number {
  const norms = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
  if (norms <= NORM_MIN) return 1;
  const cosine = Math.max(-1, Math.min(1, dot(a, b) / norms));
  return Math.fround(1 - (1 - cosine) / 2);
}

/** As Meilisearch shifts the similarities of an embedder whose distribution is known. */
function shifted(score: number, { distribution }: Embedder): number {
  if (typeof distribution !== "object" || distribution === null) return score;
  if (!("mean" in distribution) || !("sigma" in distribution)) return score;
  const factor = 0.4 / Number(distribution.sigma);
  const moved = factor * score + 0.5 - factor * Number(distribution.mean);
  return Math.fround(Math.min(1, moved <= 0 ? NORM_MIN : moved));
}

export interface SlotTarget {
  readonly name: string;
  readonly embedder: Embedder;
  readonly vectors: readonly Vector[];
  readonly primaryKey: string;
}

/** The hits of one search per vector, each document once, nearest first. */
export function slotNeighbours(
  lists: readonly (readonly Hit[])[],
  target: SlotTarget,
): readonly Neighbour[] {
  const best = new Map<string, Neighbour>();
  for (const hit of lists.flat()) {
    const identity = hitIdentity(hit, target.primaryKey);
    const known = best.get(identity);
    const score = slotSimilarity(hit, target);
    if (score === undefined || (known !== undefined && known.similarity >= score)) continue;
    best.set(identity, { hit, similarity: score });
  }
  return [...best.values()].sort((a, b) => b.similarity - a.similarity);
}

function slotSimilarity(hit: Hit, target: SlotTarget): number | undefined {
  const { embedder, name } = target;
  const member = hit.members.findLast(({ key }) => key === "_vectors");
  const vectors = member === undefined ? [] : documentVectors(valueText(hit.text, member), name);
  const isSingle = vectors.length <= 1 && target.vectors.length === 1;
  // Hidden or quantized vectors cannot be measured here: what the node says stands.
  if (isSingle || vectors.length === 0 || embedder["binaryQuantized"] === true) {
    return similarity(hit);
  }
  const scores = target.vectors.flatMap((vector, slot) => {
    const own = vectors[slot];
    return own === undefined ? [] : [shifted(cosineSimilarity(vector, own), embedder)];
  });
  return scores.length === 0 ? undefined : Math.max(...scores);
}
