/**
 * The documents nearest to a vector, whatever the ranking rules: what `similar` asks for. Nodes only
 * search by vector within a search, which brings two things that must be undone: no answer has more
 * than `maxTotalHits` hits, and ranking rules before the relevancy rules sort first.
 */
import type { Hit } from "../core/merge/hit.ts";
import { similarity } from "../core/merge/similar.ts";
import { isOneOf, not } from "../core/query/conditions.ts";
import type { NodeQuery } from "../core/query/plan.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { gather, mergedHits, type Gathered } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";

/** Rounds of raising the threshold: each looks at the better half of what was left, or better. */
const RAISES_MAX = 16;

export interface Nearest {
  /** Nearest first; only documents that have a vector. */
  readonly hits: readonly Hit[];
  /** Documents that pass the filter, with a vector or without. */
  readonly total: number;
  readonly missing: Gathered["missing"];
}

/** The first `wanted` neighbours. `asked` is a semantic search with its filter and conditions. */
export async function nearest(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  wanted: number,
): Promise<Nearest> {
  const cap = index.settings.pagination.maxTotalHits;
  const primaryKey = index.primaryKey ?? "";
  const sortsFirst = hasLeadingSort(index.settings.rankingRules);
  const hits: Hit[] = [];
  const first = await gather(read, index, { ...asked, limit: Math.min(wanted, cap) });
  for (let gathered = first; hits.length < wanted;) {
    const count = Math.min(wanted - hits.length, cap);
    const found = sortsFirst
      ? await nearestOfSorted(read, index, asked, gathered, count)
      : embedded(mergedHits(gathered, count));
    hits.push(...found);
    if (found.length < count || hits.length >= wanted) break;
    const seen = hits.flatMap((hit) => documentKey(hit.steps, primaryKey) ?? []);
    const conditions = [...asked.conditions, not(isOneOf(primaryKey, seen))];
    const limit = Math.min(wanted - hits.length, cap);
    gathered = await gather(read, index, { ...asked, conditions, limit });
  }
  return { hits, total: first.total, missing: first.missing };
}

/** Whether a rule on a field comes before the first relevancy rule, and so before the vector. */
function hasLeadingSort(rankingRules: readonly string[]): boolean {
  const relevancy = rankingRules.findIndex((rule) => rule !== "sort" && !rule.includes(":"));
  return rankingRules.slice(0, Math.max(relevancy, 0)).some((rule) => rule.includes(":"));
}

/**
 * The nearest out of answers that are sorted by something else. The similarity of the best `count`
 * hits seen so far is a threshold that all of the nearest meet; asking again with it leaves fewer
 * and fewer, until the answers hold all that meet it.
 */
async function nearestOfSorted(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  sample: Gathered,
  count: number,
): Promise<readonly Hit[]> {
  const limit = index.settings.pagination.maxTotalHits;
  let best = bestOf(sample, count);
  for (let raise = 0; raise < RAISES_MAX; raise += 1) {
    const threshold = best.length < count ? null : similarity(best.at(-1));
    const query = { ...asked.query, rankingScoreThreshold: threshold ?? null };
    const gathered = await gather(read, index, { ...asked, query, limit });
    best = bestOf(gathered, count);
    const isComplete = gathered.answers.every(({ hits }) => hits.length < limit);
    const raised = similarity(best.at(-1)) ?? 0;
    if (isComplete || (threshold !== undefined && threshold !== null && raised <= threshold)) break;
  }
  return best;
}

function bestOf(gathered: Gathered, count: number): readonly Hit[] {
  const all = embedded(mergedHits(gathered, Infinity));
  const score = (hit: Hit): number => similarity(hit) ?? 0;
  return all.toSorted((a, b) => score(b) - score(a)).slice(0, count);
}

/** Documents without a vector come last in a search, and are none of a document's neighbours. */
function embedded(hits: readonly Hit[]): readonly Hit[] {
  return hits.filter((hit) => similarity(hit) !== undefined);
}
