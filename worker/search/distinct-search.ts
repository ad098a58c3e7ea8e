/**
 * A search with `distinct`: one hit for each value of the attribute, the best of the whole. Each
 * node leaves out its own duplicates, the merge those between nodes.
 */
import { chooseDistinct, type DistinctChoice } from "../core/merge/distinct.ts";
import type { NodeAnswer } from "../core/merge/node-answer.ts";
import type { Hit } from "../core/merge/hit.ts";
import { isOneOf, not, type FilterValue } from "../core/query/conditions.ts";
import type { NodeQuery } from "../core/query/plan.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import { TypoMaxima } from "../core/ranking/recompute-score.ts";
import { aboveThreshold, scoresFall } from "../core/ranking/score-order.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { Ranked } from "./candidates.ts";
import { distinctCandidates } from "./distinct-candidates.ts";
import { gather, mergeOf, type Gathered } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";

export type DistinctQuery = NodeQuery & { readonly distinct: string };

/**
 * Searches that are run again without the hits that hide others. Each round settles every obstacle
 * known so far; few queries need a second one.
 */
const ROUNDS_MAX = 8;

export async function distinctSearch(
  read: ReadContext,
  index: IndexEntry,
  asked: DistinctQuery,
  seen: (hit: Hit) => void,
): Promise<Ranked> {
  const threshold = asked.query.rankingScoreThreshold;
  const cutsHere = threshold !== null && scoresFall(index, asked.query);
  const query = cutsHere ? { ...asked.query, rankingScoreThreshold: null } : asked.query;
  const maxima = new TypoMaxima();
  const { choice: found, gathered } = await chosenHits(read, index, { ...asked, query }, (hit) => {
    maxima.see(hit);
    seen(hit);
  });
  const choice = cutsHere
    ? chooseDistinct(aboveThreshold(found.hits, maxima, threshold), asked.distinct, asked.limit)
    : found;
  const candidates = await distinctCandidates(read, index, asked, choice);
  return { hits: choice.hits, missing: gathered.missing, ...candidates };
}

async function chosenHits(
  read: ReadContext,
  index: IndexEntry,
  asked: DistinctQuery,
  seen: (hit: Hit) => void,
): Promise<{ readonly choice: DistinctChoice; readonly gathered: Gathered }> {
  const { primaryKey = "" } = index;
  const excluded: FilterValue[] = [];
  let limit = asked.limit;
  for (let round = 1; ; round += 1) {
    const conditions = excluded.length === 0 ? [] : [not(isOneOf(primaryKey, excluded))];
    const gathered = await gather(read, index, {
      ...asked,
      limit,
      conditions: [...asked.conditions, ...conditions],
      exhaustive: false,
      facets: null,
    });
    const looked = new LookedAt(seen);
    const choice = chooseDistinct(mergeOf(gathered, looked.see), asked.distinct, asked.limit);
    const obstacles = choice.obstacles.flatMap((hit) => documentKey(hit.steps, primaryKey) ?? []);
    const isShort =
      choice.hasSeveralValues && limit < maxHits(index) && looked.usedUp(gathered.answers, limit);
    if ((obstacles.length === 0 && !isShort) || round === ROUNDS_MAX) return { choice, gathered };
    excluded.push(...obstacles);
    if (isShort) limit = Math.min(limit * 4, maxHits(index));
  }
}

function maxHits(index: IndexEntry): number {
  return index.settings.pagination.maxTotalHits;
}

/** How far the merge has come in each answer. */
class LookedAt {
  readonly #counts = new Map<string, number>();
  readonly #seen: (hit: Hit) => void;

  constructor(seen: (hit: Hit) => void) {
    this.#seen = seen;
  }

  readonly see = (hit: Hit): void => {
    this.#counts.set(hit.text, (this.#counts.get(hit.text) ?? 0) + 1);
    this.#seen(hit);
  };

  /** Whether the merge has come to the end of an answer that may have been cut at `limit`. */
  usedUp(answers: readonly NodeAnswer[], limit: number): boolean {
    return answers.some(
      ({ text, hits }) => hits.length >= limit && (this.#counts.get(text) ?? 0) >= hits.length,
    );
  }
}
