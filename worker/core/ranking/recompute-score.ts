/**
 * `_rankingScore` and the typo details as one node holding every document would give them.
 *
 * Only the typo rule's maximum depends on the other documents: it is one more than the highest
 * number of typos among the query's readings that some document of the bucket has. A bucket is the
 * set of documents that no rule before typo tells apart, so the maximum of the whole is the maximum
 * over the shards' hits of the same bucket.
 */
import { isRecord, type JsonRecord } from "./json-record.ts";
import type { RankStep } from "./score-details.ts";

export interface Scored {
  readonly steps: readonly RankStep[];
  readonly details: JsonRecord;
  readonly rankingScore: number | undefined;
}

export interface TypoDetails {
  readonly typoCount: number;
  readonly maxTypoCount: number;
}

export function typoDetails(details: JsonRecord): TypoDetails | undefined {
  const typo = details["typo"];
  if (!isRecord(typo)) return undefined;
  const { typoCount, maxTypoCount } = typo;
  if (typeof typoCount !== "number" || typeof maxTypoCount !== "number") return undefined;
  return { typoCount, maxTypoCount };
}

/** The rule's own score: the share of ranks that the document beats, itself included. */
export function typoScore(typoCount: number, maxTypoCount: number): number {
  return Math.max(maxTypoCount + 1 - typoCount, 0) / (maxTypoCount + 1);
}

/** A name for the bucket that the typo rule sorted: all that was decided before it. */
function bucketOf(steps: readonly RankStep[]): string {
  const end = steps.findIndex((step) => step.rule === "typo");
  return JSON.stringify(steps.slice(0, end));
}

/** The highest `maxTypoCount` of each bucket, over hits of all shards. */
export class TypoMaxima {
  readonly #maxima = new Map<string, number>();

  see(hit: Scored): void {
    const typo = typoDetails(hit.details);
    if (typo === undefined) return;
    const bucket = bucketOf(hit.steps);
    this.#maxima.set(bucket, Math.max(this.#maxima.get(bucket) ?? 0, typo.maxTypoCount));
  }

  of(hit: Scored): number | undefined {
    return this.#maxima.get(bucketOf(hit.steps));
  }
}

/**
 * The score on the scale of `maxTypoCount`. Scores are a fold of ranks, from the last rule to the
 * first: `G = s − (1 − G') / m`, with the rule's score `s`, its number of ranks `m`, and the fold
 * `G'` of what follows. The rules after typo keep their fold; it is recovered from the shard's
 * score. Undefined when a rule before typo has a number of ranks that the details do not tell.
 */
export function rescaledScore(hit: Scored, maxTypoCount: number): number | undefined {
  const typo = typoDetails(hit.details);
  if (typo === undefined || hit.rankingScore === undefined) return undefined;
  const before = ranksBeforeTypo(hit);
  if (before === undefined) return undefined;
  let fold = hit.rankingScore;
  for (const { score, ranks } of before) fold = 1 - (score - fold) * ranks;
  const localRanks = typo.maxTypoCount + 1;
  fold = 1 - (typoScore(typo.typoCount, typo.maxTypoCount) - fold) * localRanks;
  fold = typoScore(typo.typoCount, maxTypoCount) - (1 - fold) / (maxTypoCount + 1);
  for (const { score, ranks } of before.toReversed()) fold = score - (1 - fold) / ranks;
  return fold;
}

interface RankScore {
  readonly score: number;
  readonly ranks: number;
}

/** The relevancy rules before typo; `words` is the only one whose ranks are known. */
function ranksBeforeTypo(hit: Scored): readonly RankScore[] | undefined {
  const ranks: RankScore[] = [];
  for (const step of hit.steps) {
    if (step.rule === "typo") return ranks;
    if (step.kind === "sort" || step.kind === "geo") continue;
    const words = hit.details["words"];
    if (step.rule !== "words" || !isRecord(words)) return undefined;
    const { matchingWords, maxMatchingWords } = words;
    if (typeof matchingWords !== "number" || typeof maxMatchingWords !== "number") return undefined;
    ranks.push({ score: matchingWords / maxMatchingWords, ranks: maxMatchingWords });
  }
  return undefined;
}

/** What the client gets to see in place of the node's own values, where they differ. */
export interface Rescaled {
  readonly rankingScore: number | undefined;
  readonly maxTypoCount: number | undefined;
}

export const UNCHANGED: Rescaled = { rankingScore: undefined, maxTypoCount: undefined };

export function rescaled(hit: Scored, maxima: TypoMaxima): Rescaled {
  const typo = typoDetails(hit.details);
  const maxTypoCount = typo === undefined ? undefined : maxima.of(hit);
  if (maxTypoCount === undefined || maxTypoCount === typo?.maxTypoCount) return UNCHANGED;
  return { maxTypoCount, rankingScore: rescaledScore(hit, maxTypoCount) };
}
