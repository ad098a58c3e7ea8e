/**
 * Which words may stand for a query word: words it begins, words a few typos away, the two words it
 * may be split into. Limits cut lists in byte order, as Meilisearch's do, since they decide results.
 */
import { compareBytes } from "../../../worker/core/settings/attribute-patterns.ts";
import { byteLength, firstCharacters } from "../../../worker/core/text/lengths.ts";
import { nearWords } from "../../../worker/core/text/edit-distance.ts";
import { pairDistances } from "./proximity.ts";
import type { SearchContext } from "./context.ts";
import {
  COMMON_PREFIX_BYTES_MAX,
  COMMON_PREFIX_WORDS_MIN,
  ONE_TYPO_WORDS_MAX,
  PREFIX_WORDS_MAX,
  SYNONYM_PHRASES_MAX,
  SYNONYM_WORDS_MAX,
  TWO_TYPO_WORDS_MAX,
  WORD_BYTES_MAX,
} from "./limits.ts";
import type { Phrase, Term, Typos } from "./term.ts";

const NO_TYPOS: Typos = { one: [], split: null, two: [] };
const LAST_CHARACTER = "\u{10ffff}";

function lowerBound(words: readonly string[], value: string): number {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(words[middle] ?? "", value) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Bounds of the words that start with the prefix, in the sorted word list. */
export function prefixRange(words: readonly string[], prefix: string): [from: number, to: number] {
  return [lowerBound(words, prefix), lowerBound(words, prefix + LAST_CHARACTER)];
}

export function wordsWithPrefix(context: SearchContext, prefix: string): readonly string[] {
  const words = context.index.vocabulary.sortedWords();
  return words.slice(...prefixRange(words, prefix));
}

/** As Meilisearch does: short prefixes of many words have a list of documents of their own. */
function isCommonPrefix(context: SearchContext, prefix: string): boolean {
  if (byteLength(prefix) > COMMON_PREFIX_BYTES_MAX) return false;
  const words = context.index.vocabulary.sortedWords();
  const [from, to] = prefixRange(words, prefix);
  return to - from >= COMMON_PREFIX_WORDS_MIN;
}

function synonymPhrases(context: SearchContext, word: string): Phrase[] {
  const phrases: Phrase[] = [];
  let words = 0;
  for (const synonym of (context.synonyms.get(word) ?? []).slice(0, SYNONYM_PHRASES_MAX)) {
    if (words + synonym.length > SYNONYM_WORDS_MAX) continue;
    words += synonym.length;
    phrases.push(context.phrase(synonym));
  }
  return phrases;
}

export interface WordTermOptions {
  readonly typosMax: 0 | 1 | 2;
  readonly isPrefix: boolean;
  readonly ngramWords: readonly string[] | null;
}

export function wordTerm(context: SearchContext, word: string, options: WordTermOptions): Term {
  context.meet(word);
  const id = context.nextTermId();
  if (byteLength(word) > WORD_BYTES_MAX) {
    const zero = { phrase: null, exact: null, prefixOf: [], synonyms: [], commonPrefix: null };
    return {
      id,
      original: word,
      ...options,
      ngramWords: null,
      isPrefix: false,
      typosMax: 0,
      zero,
      typos: NO_TYPOS,
    };
  }
  const commonPrefix = options.isPrefix && isCommonPrefix(context, word) ? word : null;
  const prefixOf = options.isPrefix && commonPrefix === null ? longerWords(context, word) : [];
  for (const derived of prefixOf) context.meet(derived);
  const exact = context.index.vocabulary.id(word) === undefined ? null : word;
  const synonyms = synonymPhrases(context, word);
  const zero = { phrase: null, exact, prefixOf, synonyms, commonPrefix };
  return { id, original: word, ...options, zero, typos: null };
}

function longerWords(context: SearchContext, prefix: string): string[] {
  return wordsWithPrefix(context, prefix)
    .slice(0, PREFIX_WORDS_MAX + 1)
    .filter((word) => word !== prefix)
    .slice(0, PREFIX_WORDS_MAX);
}

export function phraseTerm(context: SearchContext, words: readonly (string | null)[]): Term {
  const phrase = context.phrase(words);
  const original = words.filter((word) => word !== null).join(" ");
  const zero = { phrase, exact: null, prefixOf: [], synonyms: [], commonPrefix: null };
  return {
    id: context.nextTermId(),
    original,
    ngramWords: null,
    isPrefix: false,
    typosMax: 0,
    zero,
    typos: NO_TYPOS,
  };
}

/** Words with typos and split words of a term; computed once, when first asked for. */
export function typosOf(context: SearchContext, term: Term): Typos {
  if (term.typos !== null) return term.typos;
  const near = term.typosMax === 2 ? twoTypos(context, term) : oneTypo(context, term);
  term.typos = { ...near, split: splitOf(context, term) };
  return term.typos;
}

interface Near {
  readonly one: readonly string[];
  readonly two: readonly string[];
}

function oneTypo(context: SearchContext, term: Term): Near {
  if (term.typosMax === 0) return { one: [], two: [] };
  const words = context.index.vocabulary.sortedWords();
  const [from, to] = prefixRange(words, firstCharacters(term.original, 1));
  const one: string[] = [];
  for (const { word, distance } of nearWords(words, from, to, term.original, 1, term.isPrefix)) {
    if (distance !== 1 || !context.toleratesTypos(word)) continue;
    context.meet(word);
    one.push(word);
    if (one.length >= ONE_TYPO_WORDS_MAX) break;
  }
  return { one, two: [] };
}

/** As Meilisearch does: a typo on the first letter counts as two. */
function twoTypos(context: SearchContext, term: Term): Near {
  const words = context.index.vocabulary.sortedWords();
  const { original, isPrefix } = term;
  const [from, to] = prefixRange(words, firstCharacters(original, 1));
  const candidates = [
    ...nearWords(words, 0, from, original, 1, isPrefix).map((near) => ({ ...near, first: false })),
    ...nearWords(words, from, to, original, 2, isPrefix).map((near) => ({ ...near, first: true })),
    ...nearWords(words, to, words.length, original, 1, isPrefix).map((near) => ({
      ...near,
      first: false,
    })),
  ];
  const one: string[] = [];
  const two: string[] = [];
  for (const { word, distance, first } of candidates) {
    if (one.length >= ONE_TYPO_WORDS_MAX && two.length >= TWO_TYPO_WORDS_MAX) break;
    if (!context.toleratesTypos(word)) continue;
    const typos = !first && two.length < TWO_TYPO_WORDS_MAX ? 2 : distance;
    const list = typos === 1 ? one : two;
    if (typos === 0 || list.length >= (typos === 1 ? ONE_TYPO_WORDS_MAX : TWO_TYPO_WORDS_MAX))
      continue;
    context.meet(word);
    list.push(word);
  }
  return { one, two };
}

/** The split into two words that most documents hold side by side. */
function splitOf(context: SearchContext, term: Term): Phrase | null {
  if (term.zero.phrase !== null) return null;
  let best: { readonly count: number; readonly words: readonly [string, string] } | null = null;
  for (let at = 1; at < term.original.length; at += 1) {
    const words = [term.original.slice(0, at), term.original.slice(at)] as const;
    const { vocabulary } = context.index;
    if (vocabulary.id(words[0]) === undefined || vocabulary.id(words[1]) === undefined) continue;
    const count = pairDistances(context, words[0], words[1]).at(1)?.count() ?? 0;
    if (count > (best?.count ?? 0)) best = { count, words };
  }
  if (best === null) return null;
  const joined = term.typosMax <= 1 ? term.ngramWords : null;
  if (joined !== null && joined.join("\0") === best.words.join("\0")) {
    context.phrase(best.words);
    return null;
  }
  return context.phrase(best.words);
}
