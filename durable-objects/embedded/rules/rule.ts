/**
 * A ranking rule cuts a set of documents into buckets, the best first. `Q` is what is handed from
 * rule to rule: the query graph, or nothing in a search without words.
 */
import type { DocSet } from "../doc-set.ts";
import type { ScoreDetail } from "./score-details.ts";

export interface Bucket<Q> {
  readonly query: Q;
  readonly docs: DocSet;
  readonly score: ScoreDetail;
}

export interface Iteration<Q> {
  /** The next bucket out of `universe`, what is left of the rule's documents; null at the end. */
  next(universe: DocSet): Bucket<Q> | null;
}

export interface RankingRule<Q> {
  start(universe: DocSet, query: Q): Iteration<Q>;
}
