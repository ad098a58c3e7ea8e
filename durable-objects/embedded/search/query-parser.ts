/**
 * Reads the text of a query: words, "phrases", -negatives. The last word, when nothing follows it,
 * may be the beginning of a word.
 */
import { characterCount } from "../../../worker/core/text/lengths.ts";
import type { Token } from "../../../worker/core/text/tokenizer.ts";
import type { SearchContext } from "./context.ts";
import { phraseTerm, wordTerm } from "./derivations.ts";
import { QUERY_TERMS_MAX, QUERY_TOKENS_MAX } from "./limits.ts";
import type { LocatedTerm } from "./term.ts";

export interface ParsedQuery {
  readonly terms: readonly LocatedTerm[];
  readonly negativeWords: readonly string[];
  readonly negativePhrases: readonly LocatedTerm[];
}

/** As Meilisearch does: a hard separator moves the next words this much further away. */
const HARD_SEPARATOR_JUMP = 7;
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

class PhraseBuilder {
  private readonly words: (string | null)[] = [];
  private first = 0;
  private last = 0;

  push(token: Token, position: number): void {
    if (this.words.every((word) => word === null)) this.first = position;
    this.last = position;
    this.words.push(token.kind === "stopWord" ? null : token.lemma);
  }

  build(context: SearchContext): LocatedTerm | null {
    if (this.words.every((word) => word === null)) return null;
    return { term: phraseTerm(context, this.words), first: this.first, last: this.last };
  }
}

class QueryParser {
  private readonly context: SearchContext;
  private readonly terms: LocatedTerm[] = [];
  private readonly negativeWords: string[] = [];
  private readonly negativePhrases: LocatedTerm[] = [];
  private phrase: PhraseBuilder | null = null;
  private phraseIsNegative = false;
  private nextIsNegative = false;
  private afterSpace = true;
  private position = -1;

  constructor(context: SearchContext) {
    this.context = context;
  }

  parse(tokens: readonly Token[]): ParsedQuery {
    for (const [at, token] of tokens.entries()) {
      if (token.lemma === "") continue;
      if (this.terms.length >= QUERY_TERMS_MAX) return this.result();
      if (token.kind === "word" || token.kind === "stopWord") {
        this.word(token, at === tokens.length - 1);
      } else {
        this.separator(token);
      }
      this.afterSpace = /\s$/u.test(token.lemma);
    }
    // As Meilisearch does: a quote that is never closed makes a phrase of all that follows.
    this.closePhrase();
    return this.result();
  }

  private result(): ParsedQuery {
    const { terms, negativeWords, negativePhrases } = this;
    return { terms, negativeWords, negativePhrases };
  }

  private word(token: Token, isLast: boolean): void {
    this.position += 1;
    if (this.phrase !== null) {
      this.phrase.push(token, this.position);
    } else if (this.nextIsNegative) {
      this.negativeWords.push(token.lemma);
      this.nextIsNegative = false;
    } else if (isLast || token.kind === "word") {
      const isPrefix = isLast && this.context.index.settings.prefixSearch !== "disabled";
      const typosMax = typosAllowed(this.context, token.lemma);
      const term = wordTerm(this.context, token.lemma, { typosMax, isPrefix, ngramWords: null });
      this.terms.push({ term, first: this.position, last: this.position });
    }
  }

  private separator(token: Token): void {
    if (token.kind === "hard") {
      this.position += HARD_SEPARATOR_JUMP;
      if (this.phrase !== null) {
        this.pushPhrase();
        this.phrase = new PhraseBuilder();
      }
    }
    this.quotes(token.lemma.split('"').length - 1);
    this.nextIsNegative = this.phrase === null && token.lemma === "-" && this.afterSpace;
  }

  private quotes(count: number): void {
    if (count === 0) return;
    let open = count;
    if (this.phrase !== null) {
      open -= 1;
      this.closePhrase();
    }
    if (open % 2 === 1) {
      this.phraseIsNegative = this.nextIsNegative;
      this.phrase = new PhraseBuilder();
    }
  }

  private closePhrase(): void {
    if (this.pushPhrase() && this.phraseIsNegative) this.phraseIsNegative = false;
    this.phrase = null;
  }

  private pushPhrase(): boolean {
    const located = this.phrase?.build(this.context) ?? null;
    if (located === null) return false;
    (this.phraseIsNegative ? this.negativePhrases : this.terms).push(located);
    return true;
  }
}

export function parseQuery(context: SearchContext, query: string): ParsedQuery {
  const tokens = context.index.tokenizer.tokens(query).slice(0, QUERY_TOKENS_MAX);
  return new QueryParser(context).parse(tokens);
}
