/**
 * Ranks documents by rules: the first rule cuts them into buckets, the next cuts each bucket, and so
 * on, but only as deep and as far as the wanted number of hits needs.
 */
import { DocSet } from "../doc-set.ts";
import type { FacetColumn } from "../facets/column.ts";
import type { Iteration, RankingRule } from "./rule.ts";
import { globalScore, type ScoreDetail } from "./score-details.ts";

export interface Ranked {
  readonly doc: number;
  readonly details: readonly ScoreDetail[];
}

export interface Ranking {
  readonly hits: readonly Ranked[];
  /** What counts as found: the universe without duplicates and hits below the threshold seen so far. */
  readonly candidates: DocSet;
}

export interface RankingOptions {
  readonly limit: number;
  readonly distinct: FacetColumn | null;
  readonly threshold: number | null;
  /** Hits to rank for an exact total, although fewer are wanted. */
  readonly evaluate: number;
}

/** Of documents that share a value only the first stays; those without a value all stay. */
export function distinctDocs(
  column: FacetColumn,
  docs: DocSet,
): { kept: DocSet; excluded: DocSet } {
  const kept = new DocSet(docs.capacity);
  const excluded = new DocSet(docs.capacity);
  for (const doc of docs.toArray()) {
    if (excluded.has(doc)) continue;
    excludeDuplicates(column, doc, excluded);
    kept.add(doc);
  }
  return { kept, excluded };
}

function excludeDuplicates(column: FacetColumn, doc: number, excluded: DocSet): void {
  for (const { key } of column.stringsOf(doc)) {
    for (const other of column.docsWithString(key)) excluded.add(other);
  }
  for (const value of column.numbersOf(doc)) {
    for (const other of column.docsWithNumber(value)) excluded.add(other);
  }
}

class BucketSort<Q> {
  readonly hits: Ranked[] = [];
  readonly candidates: DocSet;
  private readonly rules: readonly RankingRule<Q>[];
  private readonly options: RankingOptions;
  private readonly universes: DocSet[] = [];

  constructor(rules: readonly RankingRule<Q>[], universe: DocSet, options: RankingOptions) {
    this.rules = rules;
    this.options = options;
    this.candidates = universe.clone();
  }

  /** Ranks the documents by the rules from `level` on. */
  rank(level: number, universe: DocSet, query: Q, details: readonly ScoreDetail[]): void {
    const rule = this.rules[level];
    if (rule === undefined) {
      this.take(universe, details);
      return;
    }
    const iteration: Iteration<Q> = rule.start(universe, query);
    const left = universe.clone();
    this.universes[level] = left;
    while (this.hits.length < this.options.evaluate && !left.isEmpty()) {
      const bucket = iteration.next(left);
      if (bucket === null) break;
      left.subtract(bucket.docs);
      const next = [...details, bucket.score];
      if (this.isTooLow(next)) this.candidates.subtract(bucket.docs).subtract(left);
      else if (!bucket.docs.isEmpty()) this.rank(level + 1, bucket.docs, bucket.query, next);
    }
    this.universes.length = level;
  }

  private isTooLow(details: readonly ScoreDetail[]): boolean {
    const { threshold } = this.options;
    return threshold !== null && globalScore(details) < threshold;
  }

  private take(bucket: DocSet, details: readonly ScoreDetail[]): void {
    const docs = this.withoutDuplicates(bucket);
    this.candidates.unite(docs);
    const wanted = this.options.evaluate - this.hits.length;
    for (const doc of docs.toArray(wanted)) this.hits.push({ doc, details });
  }

  private withoutDuplicates(bucket: DocSet): DocSet {
    const { distinct } = this.options;
    if (distinct === null) return bucket;
    const { kept, excluded } = distinctDocs(distinct, bucket);
    for (const universe of this.universes) universe.subtract(excluded);
    this.candidates.subtract(excluded);
    return kept;
  }
}

export function bucketSort<Q>(
  rules: readonly RankingRule<Q>[],
  universe: DocSet,
  query: Q,
  options: RankingOptions,
): Ranking {
  const sort = new BucketSort(rules, universe, options);
  if (rules.length > 0) {
    sort.rank(0, universe, query, []);
  } else if (options.distinct === null) {
    const hits = universe.toArray(options.limit).map((doc) => ({ doc, details: [] }));
    return { hits, candidates: universe.clone() };
  } else {
    return firstDistinct(universe, options.distinct, options.limit);
  }
  return { hits: sort.hits.slice(0, options.limit), candidates: sort.candidates };
}

/** Without any rule: the first documents, one per value. */
function firstDistinct(universe: DocSet, column: FacetColumn, limit: number): Ranking {
  const excluded = new DocSet(universe.capacity);
  const hits: Ranked[] = [];
  for (const doc of universe.toArray()) {
    if (hits.length >= limit) break;
    if (excluded.has(doc)) continue;
    excludeDuplicates(column, doc, excluded);
    hits.push({ doc, details: [] });
  }
  const candidates = universe.clone().subtract(excluded);
  for (const { doc } of hits) candidates.add(doc);
  return { hits, candidates };
}
