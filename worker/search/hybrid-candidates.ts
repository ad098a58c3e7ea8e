/**
 * How many candidates a hybrid search with `distinct` has. As Meilisearch does: each of its two
 * searches drops the duplicates of its own first hits, a candidate of either counts, and then the
 * duplicates of the merged hits are dropped.
 */
import { distinctValues, type DistinctValue } from "../core/merge/distinct-values.ts";
import type { DistinctChoice } from "../core/merge/distinct.ts";
import type { Hit } from "../core/merge/hit.ts";
import { hitIdentity } from "../core/merge/hybrid.ts";
import { isOneOf, not } from "../core/query/conditions.ts";
import type { NodeQuery } from "../core/query/plan.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { counted, cutsShort, everyCandidate } from "./candidates.ts";
import { gather } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";

/** One of the two searches, with its first hits. */
interface HybridSide {
  readonly asked: NodeQuery;
  readonly hits: readonly Hit[];
}

export interface HybridSides {
  readonly words: HybridSide;
  readonly vectors: HybridSide;
  readonly choice: DistinctChoice;
}

export async function hybridDistinctTotal(
  read: ReadContext,
  index: IndexEntry,
  distinct: string,
  { words, vectors, choice }: HybridSides,
): Promise<number> {
  const primaryKey = index.primaryKey ?? "";
  const count = async (side: HybridSide, conditions: readonly string[]): Promise<number> => {
    const { asked, hits } = side;
    const base = cutsShort(asked, index, hits.length) ? everyCandidate(asked) : counted(asked);
    const all = [...asked.conditions, ...conditions];
    return (await gather(read, index, { ...base, conditions: all, facets: null })).total;
  };
  const ofVectors = valuesOf(vectors.hits, distinct);
  const ofWords = valuesOf(words.hits, distinct);
  const isLeft = (hit: Hit): boolean => {
    const values = distinctValues(hit, distinct);
    return values.length > 0 && !values.some((value) => choice.values.has(value));
  };
  const leftOfVectors = vectors.hits.filter(isLeft);
  const known = new Set(leftOfVectors.map((hit) => hitIdentity(hit, primaryKey)));
  // Hits of the words that the vectors had dropped; others are among the vectors' candidates.
  const leftOfWords = words.hits.filter(
    (hit) =>
      isLeft(hit) &&
      !known.has(hitIdentity(hit, primaryKey)) &&
      distinctValues(hit, distinct).some((value) => ofVectors.has(value)),
  );
  const keys = leftOfVectors.flatMap((hit) => documentKey(hit.steps, primaryKey) ?? []);
  const [others, dropped] = await Promise.all([
    count(vectors, noneOf(distinct, [...choice.values, ...ofVectors])),
    ofVectors.size === 0
      ? 0
      : count(words, [
          isOneOf(distinct, [...ofVectors]),
          ...noneOf(distinct, [...choice.values, ...ofWords]),
          ...noneOf(primaryKey, keys),
        ]),
  ]);
  const hitCount = choice.valuedCount + leftOfVectors.length + leftOfWords.length;
  return others + dropped + hitCount;
}

function valuesOf(hits: readonly Hit[], attribute: string): ReadonlySet<DistinctValue> {
  return new Set(hits.flatMap((hit) => distinctValues(hit, attribute)));
}

function noneOf(attribute: string, values: readonly (string | number)[]): readonly string[] {
  const once = [...new Set(values)];
  return once.length === 0 ? [] : [not(isOneOf(attribute, once))];
}
