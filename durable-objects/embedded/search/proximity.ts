/**
 * How near two words stand in documents: the smallest distance of the first to a later second, within
 * one attribute. Meilisearch keeps this per pair of words; here it is computed from the places.
 */
import type { DocSet } from "../doc-set.ts";
import { fieldOf } from "../index/vocabulary.ts";
import type { SearchContext } from "./context.ts";
import { PROXIMITY_MAX } from "./limits.ts";

/** `[d]`: the documents whose smallest distance is d, from 1 to 3; `[0]` is unused. */
export type DistanceSets = readonly DocSet[];

function emptySets(context: SearchContext): DocSet[] {
  return Array.from({ length: PROXIMITY_MAX }, () => context.emptySet());
}

/** The smallest forward distance in one document, or PROXIMITY_MAX when they are not near. */
export function forwardDistance(left: readonly number[], right: readonly number[]): number {
  let best = PROXIMITY_MAX;
  let from = 0;
  for (const start of left) {
    while (from < right.length && (right[from] ?? 0) <= start) from += 1;
    // Places hold the attribute in their upper half: one further away is never this near.
    const distance = (right[from] ?? Infinity) - start;
    if (distance < best) best = distance;
  }
  return best;
}

function inSameField(left: readonly number[], right: readonly number[]): boolean {
  const fields = new Set(left.map(fieldOf));
  return right.some((place) => fields.has(fieldOf(place)));
}

/** Distances from `left` to a later `right`, over all documents of the index. */
export function pairDistances(context: SearchContext, left: string, right: string): DistanceSets {
  const sets = emptySets(context);
  const { vocabulary, settings } = context.index;
  const leftId = vocabulary.id(left);
  const rightId = vocabulary.id(right);
  if (leftId === undefined || rightId === undefined) return sets;
  const byAttribute = settings.proximityPrecision === "byAttribute";
  const rightDocs = new Set(vocabulary.docs(rightId));
  for (const doc of vocabulary.docs(leftId)) {
    if (!rightDocs.has(doc)) continue;
    const places: [number[], number[]] = [[], []];
    vocabulary.places(doc, leftId, (place) => places[0].push(place));
    vocabulary.places(doc, rightId, (place) => places[1].push(place));
    if (byAttribute) {
      if (inSameField(...places)) for (const set of sets) set.add(doc);
    } else {
      const distance = forwardDistance(...places);
      if (distance < PROXIMITY_MAX) sets[distance]?.add(doc);
    }
  }
  return sets;
}

/** Documents that hold the words of a phrase in order, as near as they are typed. */
export function phraseDocs(
  context: SearchContext,
  id: number,
  words: readonly (string | null)[],
): DocSet {
  const known = context.phraseDocsCache.get(id);
  if (known !== undefined) return known;
  const docs = computePhraseDocs(context, words);
  context.phraseDocsCache.set(id, docs);
  return docs;
}

/** As Meilisearch does: only words up to two apart are compared. */
const PHRASE_WINDOW = 3;

function computePhraseDocs(context: SearchContext, words: readonly (string | null)[]): DocSet {
  const typed = words.filter((word) => word !== null);
  const [first, ...others] = typed;
  if (first === undefined) return context.emptySet();
  const candidates = context.wordDocs(first, "original").clone();
  for (const word of others) candidates.intersect(context.wordDocs(word, "original"));
  for (let start = 0; start < words.length; start += 1) {
    for (let gap = 1; gap < PHRASE_WINDOW; gap += 1) {
      const left = words[start];
      const right = words[start + gap];
      if (left === null || left === undefined || right === null || right === undefined) continue;
      if (candidates.isEmpty()) return candidates;
      const distances = pairDistances(context, left, right);
      const near = context.emptySet();
      for (let distance = 1; distance <= gap; distance += 1)
        near.unite(distances[distance] ?? near);
      candidates.intersect(near);
    }
  }
  return candidates;
}
