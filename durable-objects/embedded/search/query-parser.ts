/**
 * The text of a query as terms to look for. The last word, when nothing follows it, may be the
 * beginning of a word.
 */
import { characterCount } from "../../../worker/core/text/lengths.ts";
import { queryParts, type QueryPart } from "../../../worker/core/text/query-parts.ts";
import type { SearchContext } from "./context.ts";
import { phraseTerm, wordTerm } from "./derivations.ts";
import type { LocatedTerm } from "./term.ts";

export interface ParsedQuery {
  readonly terms: readonly LocatedTerm[];
  readonly negativeWords: readonly string[];
  readonly negativePhrases: readonly LocatedTerm[];
}

const ONLY_DIGITS = /^\d+$/;

/** How many typos a word of the query may have. */
export function typosAllowed(context: SearchContext, word: string): 0 | 1 | 2 {
  const { enabled, minWordSizeForTypos, disableOnWords, disableOnNumbers } =
    context.index.settings.typoTolerance;
  const length = characterCount(word);
  if (!enabled || length < minWordSizeForTypos.oneTypo) return 0;
  if (disableOnNumbers && ONLY_DIGITS.test(word)) return 0;
  if (disableOnWords.some((exact) => exact.toLowerCase() === word)) return 0;
  return length < minWordSizeForTypos.twoTypos ? 1 : 2;
}

function termOf(context: SearchContext, part: QueryPart): LocatedTerm {
  const { kind, words, first, last, endsQuery } = part;
  if (kind === "phrase") return { term: phraseTerm(context, words), first, last };
  const word = words[0] ?? "";
  const isPrefix = endsQuery && context.index.settings.prefixSearch !== "disabled";
  const typosMax = typosAllowed(context, word);
  return { term: wordTerm(context, word, { typosMax, isPrefix, ngramWords: null }), first, last };
}

export function parseQuery(context: SearchContext, query: string): ParsedQuery {
  const parts = queryParts(context.index.tokenizer.tokens(query));
  const negative = parts.filter(({ isNegative }) => isNegative);
  return {
    terms: parts.filter(({ isNegative }) => !isNegative).map((part) => termOf(context, part)),
    negativeWords: negative.flatMap(({ kind, words }) => (kind === "word" ? [words[0] ?? ""] : [])),
    negativePhrases: negative.flatMap((part) =>
      part.kind === "phrase" ? [termOf(context, part)] : [],
    ),
  };
}
