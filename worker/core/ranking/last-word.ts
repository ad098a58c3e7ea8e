/**
 * One effect of a shard's own vocabulary on its ranks, found and undone: the exactness rule passes
 * over a last word (mostly the beginning of one) that no document of the node has. Then a document
 * that starts with the other words counts as one that starts with the query. Where another node has
 * the word, one node holding everything would not say so.
 */
import { isRecord, type JsonRecord } from "./json-record.ts";
import type { Scored } from "./recompute-score.ts";

/** A word that is one token for a node: letters and digits, of a script that is written in words. */
const LAST_WORD = /[\p{L}\p{N}]+$/u;
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Khmer}]/u;
const SEVERAL_WORDS_IN_ONE = /\p{Ll}\p{Lu}/u;

/** The last word of a query of several words; undefined when it cannot be told. */
export function lastWord(q: string | null): string | undefined {
  if (q === null || q.includes('"')) return undefined;
  const word = LAST_WORD.exec(q)?.[0];
  if (word === undefined || q.trim() === word) return undefined;
  return WITHOUT_SPACES.test(word) || SEVERAL_WORDS_IN_ONE.test(word) ? undefined : word;
}

interface RankScore {
  readonly score: number;
  readonly ranks: number;
}

function numberOf(record: JsonRecord, key: string): number | undefined {
  const value = record[key];
  return typeof value === "number" ? value : undefined;
}

/** The ranks of one rule before exactness, for `words` matched words in `attributes` attributes. */
function ranksOf(
  rule: string,
  details: JsonRecord,
  words: number,
  attributes: number,
): readonly RankScore[] | undefined {
  const attributeRanks = (attributes - 1) * words + 1;
  const positionRanks = 10 * words + 1;
  const ranks = (key: string, count: number): RankScore[] => {
    const score = numberOf(details, key);
    return score === undefined ? [] : [{ score, ranks: count }];
  };
  switch (rule) {
    case "words":
      return ranks("score", numberOf(details, "maxMatchingWords") ?? 1);
    case "typo":
      return ranks("score", (numberOf(details, "maxTypoCount") ?? 0) + 1);
    case "proximity":
      return ranks("score", 3 * words - 2);
    case "attributeRank":
      return ranks("score", attributeRanks);
    case "wordPosition":
      return ranks("score", positionRanks);
    case "attribute":
      return [
        ...ranks("attributeRankingOrderScore", attributeRanks),
        ...ranks("queryWordDistanceScore", positionRanks),
      ];
    default:
      return undefined;
  }
}

/** The ranks of all rules, first to last, when exactness is the last of them. */
function ranksBeforeExactness(
  details: JsonRecord,
  words: number,
  attributes: number,
): readonly RankScore[] | undefined {
  const rules = Object.entries(details)
    .flatMap(([rule, value]) => (isRecord(value) ? [{ rule, value }] : []))
    .sort((a, b) => (numberOf(a.value, "order") ?? 0) - (numberOf(b.value, "order") ?? 0));
  const ranks: RankScore[] = [];
  let isAfter = false;
  for (const { rule, value } of rules) {
    if (rule === "exactness") isAfter = true;
    const own = ranksOf(rule, value, words, attributes);
    if (own === undefined) continue;
    if (isAfter) return undefined;
    ranks.push(...own);
  }
  return ranks;
}

/** The score of a hit: the fold of its ranks, from the last rule to the first. */
function foldedScore(
  before: readonly RankScore[],
  match: number,
  exactWords: number,
  words: number,
): number {
  const exact = (exactWords + 1) / (words + 1);
  const last = match - (1 - exact) / MATCH_RANKS;
  return before.reduceRight((fold, { score, ranks }) => score - (1 - fold) / ranks, last);
}

/** Ranks of the first half of exactness: the whole query, its beginning, neither. */
const MATCH_RANKS = 3;

/** Equal scores differ by rounding only, and those of other numbers of words by far more. */
const SCORE_ROUNDING = 1e-9;

export interface LastWordReading {
  /** Whether the node passed over the last word, since no document of its own has it. */
  readonly isUnknown: boolean;
  /** The hit as a node that knows the word would have it. */
  readonly known: Scored;
}

/**
 * Read a hit that matches the query or starts with it, by all words and without typos. Undefined for
 * other hits, and where the ranks do not add up to the hit's score (phrases, words read as one).
 */
export function readLastWord(hit: Scored, attributes: number): LastWordReading | undefined {
  const match = readMatch(hit, attributes);
  if (match === undefined || match.words < 2) return undefined;
  const { words, exactWords } = match;
  if (exactWords === words) return { isUnknown: false, known: hit };
  return { isUnknown: true, known: unmatched(hit, match) };
}

/** The same hit where words are missing before others: then nothing matches as a whole. */
export function withoutMatch(hit: Scored, attributes: number): Scored | undefined {
  const match = readMatch(hit, attributes);
  return match === undefined ? undefined : unmatched(hit, match);
}

interface Match {
  /** The ranks of the rules before exactness. */
  readonly before: readonly RankScore[];
  readonly words: number;
  /** How many words are exact: all, or all but the last. */
  readonly exactWords: number;
}

/** The details do not say how many words are exact where there is a match; the score does. */
function readMatch(hit: Scored, attributes: number): Match | undefined {
  const { words: wordDetails, typo, exactness } = hit.details;
  if (!isRecord(wordDetails) || !isRecord(exactness) || hit.rankingScore === undefined) {
    return undefined;
  }
  const words = numberOf(wordDetails, "matchingWords");
  const match = numberOf(exactness, "score");
  if (words === undefined || match === undefined) return undefined;
  if (words !== wordDetails["maxMatchingWords"]) return undefined;
  if (isRecord(typo) && typo["typoCount"] !== 0) return undefined;
  if (exactness["matchType"] === "noExactMatch") return undefined;
  const before = ranksBeforeExactness(hit.details, words, attributes);
  if (before === undefined) return undefined;
  const exactWords = [words - 1, words].find(
    (exact) =>
      Math.abs(foldedScore(before, match, exact, words) - (hit.rankingScore ?? 0)) < SCORE_ROUNDING,
  );
  return exactWords === undefined ? undefined : { before, words, exactWords };
}

function unmatched(hit: Scored, { before, words, exactWords }: Match): Scored {
  const { exactness } = hit.details;
  const score = (exactWords + 1) / (words + 1) / MATCH_RANKS;
  const details = {
    ...hit.details,
    exactness: {
      order: isRecord(exactness) ? exactness["order"] : undefined,
      matchType: "noExactMatch",
      matchingWords: exactWords,
      maxMatchingWords: words,
      score,
    },
  };
  return {
    details,
    rankingScore: foldedScore(before, 1 / MATCH_RANKS, exactWords, words),
    steps: hit.steps.map((step, at) => {
      if (step.rule !== "exactness" || step.kind !== "rank") return step;
      const isFirst = hit.steps[at - 1]?.rule !== "exactness";
      return { ...step, value: isFirst ? 0 : exactWords };
    }),
  };
}

/** How many attributes rank by their place in the list of searchable attributes. */
export function rankedAttributes(searchable: readonly string[]): number {
  return searchable.includes("*") ? 1 : searchable.length;
}
