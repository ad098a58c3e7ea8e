/**
 * The strategy `frequency` without the nodes' own counts. One node drops the words of a query that
 * most documents have, group by group, and ranks what matches fewer words behind what matches more.
 * A shard would count its own documents; so the words are counted over all shards, and each step is
 * asked for as a query of its own in which every word must match.
 */
import type { IndexSettings } from "../settings/settings.ts";
import type { SearchQuery } from "./search-query.ts";

export interface QueryWord {
  readonly start: number;
  readonly end: number;
}

/** As Meilisearch does: words behind the tenth are not looked at. */
const WORDS_MAX = 10;

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Words that are one token for certain: one script, no boundary within. */
const ONE_TOKEN = /^[\p{Script=Latin}\p{Nd}\p{M}]+$/u;
const CAMEL_CASE = /\p{Ll}\p{M}*\p{Lu}/u;
/** Phrases and excluded words are not dropped, and change what the others mean. */
const SPECIAL = /"|(?:^|\s)-/;

/**
 * The words of a query whose steps can be asked for one by one; undefined where they cannot: where
 * words are not what a reader sees, or where more is asked of hits than their order.
 */
export function droppableWords(
  query: SearchQuery,
  settings: IndexSettings,
): readonly QueryWord[] | undefined {
  const { q } = query;
  if (query.matchingStrategy !== "frequency" || q === null || SPECIAL.test(q)) return undefined;
  if (!isOrderAll(query) || !isPlainText(settings)) return undefined;
  const words = [...q.matchAll(WORD)].map(({ 0: text, index }) => ({
    start: index,
    end: index + text.length,
  }));
  const texts = words.map(({ start, end }) => q.slice(start, end));
  const stopWords = new Set(settings.stopWords.map(folded));
  const areTokens = texts.every(
    (text) => ONE_TOKEN.test(text) && !CAMEL_CASE.test(text) && !stopWords.has(folded(text)),
  );
  return areTokens && words.length > 1 && words.length <= WORDS_MAX ? words : undefined;
}

/** Scores and marks would have to speak of the words that were dropped. */
function isOrderAll(query: SearchQuery): boolean {
  return (
    !query.showRankingScore &&
    !query.showRankingScoreDetails &&
    !query.showMatchesPosition &&
    query.rankingScoreThreshold === null &&
    query.distinct === null &&
    query.attributesToHighlight === null &&
    query.attributesToCrop === null
  );
}

function isPlainText(settings: IndexSettings): boolean {
  const { rankingRules, nonSeparatorTokens, separatorTokens, dictionary, synonyms } = settings;
  return (
    rankingRules[0] === "words" &&
    nonSeparatorTokens.length + separatorTokens.length + dictionary.length === 0 &&
    !Object.keys(synonyms).some((phrase) => /\s/.test(phrase.trim()))
  );
}

function folded(word: string): string {
  return word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** A word alone: as the beginning of a word only where it ends the query. */
export function wordAlone(q: string, { start, end }: QueryWord): string {
  return end === q.length ? q.slice(start, end) : `${q.slice(start, end)} `;
}

/**
 * What must match at each step, as positions of words: all first, then without the most frequent.
 * As Meilisearch does: words of no document go first, equally frequent ones go together, and the
 * last group stays.
 */
export function keptWords(counts: readonly number[]): readonly (readonly number[])[] {
  const frequency = counts.map((count) => (count === 0 ? Infinity : count));
  const groups = [...new Set(frequency)].toSorted((a, b) => b - a);
  return groups.map((bound) =>
    frequency.flatMap((count, position) => (count <= bound ? [position] : [])),
  );
}

/** A hard separator leaves words as far apart as the word in its place did, and joins none. */
const DROPPED = ";";

/** The query with only these of its words. */
export function keptQuery(q: string, words: readonly QueryWord[], kept: readonly number[]): string {
  let text = "";
  let at = 0;
  for (const [position, { start, end }] of words.entries()) {
    text += q.slice(at, start) + (kept.includes(position) ? q.slice(start, end) : DROPPED);
    at = end;
  }
  return text + q.slice(at);
}
