/**
 * The strategy `frequency` without the nodes' own counts. One node drops words of a query, those
 * first that most documents have, and ranks what matches fewer words behind what matches more. A
 * shard would count its own documents; so the words are counted over all shards, and what may be
 * left of the query is asked for as queries of their own in which every word must match.
 */
import type { IndexSettings } from "../settings/settings.ts";
import type { SearchQuery } from "./search-query.ts";

export interface QueryWord {
  readonly start: number;
  readonly end: number;
}

/** As Meilisearch does: terms behind the tenth are not looked at. */
const TERMS_MAX = 10;

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Words that are one token for certain: one script, no boundary within. */
const ONE_TOKEN = /^[\p{Script=Latin}\p{Nd}\p{M}]+$/u;
const CAMEL_CASE = /\p{Ll}\p{M}*\p{Lu}/u;
/** Phrases, and words and phrases that must not match: parts that are never dropped. */
const FIXED = /(?<=^|\s)(?:-?"([^"]*)"|-[^\s"]+)(?=\s|$)/gu;
/** What is left of them where they do not stand by themselves. */
const SPECIAL = /"|(?:^|\s)-/;
/** The words of a phrase that is one term: parted by spaces, which no other separator is. */
const ONE_PHRASE = /^ *[\p{L}\p{N}\p{M}]+(?: +[\p{L}\p{N}\p{M}]+)* *$/u;

/** A query whose levels can be asked for one by one. */
export interface DroppableWords {
  readonly words: readonly QueryWord[];
  /** Words of phrases: they match at every level. */
  readonly phraseWords: number;
  /** Where the last phrase begins; -1 where there is none. */
  readonly lastPhrase: number;
}

/**
 * The words of a query that can be dropped; undefined where its levels cannot be asked for: where
 * words are not what a reader sees, or where hits are left out by more than words.
 */
export function droppableWords(
  query: SearchQuery,
  settings: IndexSettings,
): DroppableWords | undefined {
  const { q } = query;
  if (query.matchingStrategy !== "frequency" || q === null) return undefined;
  if (query.rankingScoreThreshold !== null || query.distinct !== null) return undefined;
  const fixed = [...q.matchAll(FIXED)];
  // Blanks in their place keep the positions of the others.
  const free = q.replace(FIXED, (part) => " ".repeat(part.length));
  if (SPECIAL.test(free) || !isPlainText(settings)) return undefined;
  const phrases = fixed.flatMap(({ 0: text, 1: phrase, index }) =>
    phrase === undefined || text.startsWith("-") ? [] : [{ phrase, index }],
  );
  if (!phrases.every(({ phrase }) => ONE_PHRASE.test(phrase))) return undefined;
  const inPhrases = phrases.flatMap(({ phrase }) => phrase.match(WORD) ?? []);
  const stopWords = new Set(settings.stopWords.map(folded));
  const isStopWord = (text: string): boolean => stopWords.has(folded(text));
  const isToken = (text: string): boolean => ONE_TOKEN.test(text) && !CAMEL_CASE.test(text);
  const tokens = [...free.matchAll(WORD)].map(({ 0: text, index }) => ({
    text,
    word: { start: index, end: index + text.length },
  }));
  if (![...tokens.map(({ text }) => text), ...inPhrases].every(isToken)) return undefined;
  if (inPhrases.some(isStopWord)) return undefined;
  // As Meilisearch does: a stop word is none where it ends the query.
  const words = tokens
    .filter(({ text, word }) => word.end === q.length || !isStopWord(text))
    .map(({ word }) => word);
  const terms = words.length + phrases.length;
  if (words.length === 0 || terms < 2 || terms > TERMS_MAX) return undefined;
  return { words, phraseWords: inPhrases.length, lastPhrase: phrases.at(-1)?.index ?? -1 };
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

/** Whether words are missing before others: then no document is said to match as a whole. */
export function hasHole({ words, lastPhrase }: DroppableWords, kept: Kept): boolean {
  const last = kept.at(-1);
  const end = Math.max(lastPhrase, last === undefined ? -1 : (words[last]?.start ?? -1));
  return words.some(({ start }, position) => start < end && !kept.includes(position));
}

/** How many words may be dropped: each that may or may not be doubles the queries. */
const DROPPABLE_MAX = 5;

/** Positions of the words that must match. */
export type Kept = readonly number[];

/**
 * The queries of each level: all words, then without one, two, … words. As Meilisearch does: the
 * least frequent words stay, unless there is a phrase; a word goes only together with those behind
 * it that are more frequent; words of no document are the most frequent. Undefined when these are
 * too many queries; a level that can match nothing is left out.
 */
export function keptByLevel(
  counts: readonly number[],
  hasPhrase: boolean,
): readonly (readonly Kept[])[] | undefined {
  const frequency = counts.map((count) => (count === 0 ? Infinity : count));
  const least = Math.min(...frequency);
  const positions = [...counts.keys()];
  const removable = positions.filter((word) => hasPhrase || (frequency[word] ?? 0) > least);
  const gone = removable.filter((word) => counts[word] === 0);
  const optional = removable.filter((word) => counts[word] !== 0);
  if (optional.length > DROPPABLE_MAX) return undefined;
  const levels = new Map<number, Kept[]>();
  for (const some of subsets(optional)) {
    const dropped = new Set([...gone, ...some]);
    if (!mayGo(dropped, frequency)) continue;
    const kept = positions.filter((word) => !dropped.has(word));
    levels.set(dropped.size, [...(levels.get(dropped.size) ?? []), kept]);
  }
  return [...levels].toSorted(([a], [b]) => a - b).map(([, level]) => level);
}

function subsets(words: readonly number[]): readonly (readonly number[])[] {
  return words.reduce<readonly (readonly number[])[]>(
    (all, word) => [...all, ...all.map((some) => [...some, word])],
    [[]],
  );
}

function mayGo(dropped: ReadonlySet<number>, frequency: readonly number[]): boolean {
  return [...dropped].every((word) =>
    frequency.every(
      (count, other) => other < word || count <= (frequency[word] ?? 0) || dropped.has(other),
    ),
  );
}

/**
 * A word that must not match stands where another stood: it leaves the others their positions, by
 * which nodes rank, and joins none. No document is known to have it.
 */
const DROPPED = " -qzxmiroirxzq";

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
