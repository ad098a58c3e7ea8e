/** Which words of a text matched the query: what highlighting, cropping and match positions need. */
import { characterCount, firstCharacters } from "../../../worker/core/text/lengths.ts";
import type { Token } from "../../../worker/core/text/tokenizer.ts";
import { lemmaOf, decomposed } from "../../../worker/core/text/normalize.ts";
import { computedPhrases, computedWords, type SearchContext } from "../search/context.ts";
import type { LocatedTerm } from "../search/term.ts";

/** Positions of the query that a word of the text stands for. */
export interface QueryRange {
  readonly first: number;
  readonly last: number;
}

interface WordMatcher {
  readonly range: QueryRange;
  readonly words: readonly string[];
  readonly isPrefix: boolean;
  readonly typedCharacters: number;
}

interface PhraseMatcher {
  readonly range: QueryRange;
  readonly words: readonly (string | null)[];
}

/** A match of one or, for phrases, several tokens. */
export interface Match {
  readonly range: QueryRange;
  /** How many characters from the start of the first token are shown as matched. */
  readonly characters: number;
  readonly firstToken: number;
  readonly lastToken: number;
  readonly firstWord: number;
  readonly lastWord: number;
  readonly isPhrase: boolean;
}

interface NumberedToken {
  readonly token: Token;
  readonly at: number;
  readonly word: number;
}

function isSeparator(token: Token): boolean {
  return token.kind === "hard" || token.kind === "soft";
}

/** Characters of the original token that make up the first `length` of its lemma. */
function originalCharacters(raw: string, lemmaPrefix: string): number {
  let lemma = 0;
  let characters = 0;
  for (const character of raw) {
    if (lemma >= lemmaPrefix.length) break;
    lemma += lemmaOf(decomposed(character)).length;
    characters += 1;
  }
  return characters;
}

export class MatchingWords {
  private readonly words: readonly WordMatcher[];
  private readonly phrases: readonly PhraseMatcher[];

  constructor(context: SearchContext, terms: readonly LocatedTerm[]) {
    const words = terms.map(({ term, first, last }) => ({
      range: { first, last },
      words: computedWords(context, term),
      isPrefix: term.isPrefix,
      typedCharacters: characterCount(term.original),
    }));
    // As Meilisearch does: exact words are tried before prefixes, joined words before single ones.
    const rank = (matcher: WordMatcher): number => (matcher.isPrefix ? 1 : 0);
    const length = ({ range }: WordMatcher): number => range.last - range.first;
    this.words = words.toSorted((a, b) => rank(a) - rank(b) || length(b) - length(a));
    this.phrases = terms.flatMap(({ term, first, last }) =>
      computedPhrases(term).map((phrase) => ({ range: { first, last }, words: phrase.words })),
    );
  }

  /** All matches in a text, in order. */
  matches(text: string, tokens: readonly Token[]): Match[] {
    let wordCount = 0;
    const numbered: NumberedToken[] = [];
    for (const [at, token] of tokens.entries()) {
      if (isSeparator(token)) continue;
      numbered.push({ token, at, word: wordCount });
      wordCount += 1;
    }
    const found: Match[] = [];
    for (let at = 0; at < numbered.length; at += 1) {
      const phrase = this.phraseAt(text, numbered, at);
      if (phrase !== null) {
        found.push(phrase.match);
        at = phrase.end;
        continue;
      }
      const word = this.wordAt(text, numbered[at]);
      if (word !== null) found.push(word);
    }
    return found;
  }

  private phraseAt(
    text: string,
    tokens: readonly NumberedToken[],
    start: number,
  ): { match: Match; end: number } | null {
    for (const { words, range } of this.phrases) {
      const end = start + words.length - 1;
      const first = tokens[start];
      const last = tokens[end];
      if (first === undefined || last === undefined) continue;
      const matches = words.every((word, offset) => {
        const token = tokens[start + offset]?.token;
        return word === null ? token?.kind === "stopWord" : token?.lemma === word;
      });
      if (!matches) continue;
      return {
        end,
        match: {
          range,
          characters: characterCount(text.slice(first.token.start, last.token.end)),
          firstToken: first.at,
          lastToken: last.at,
          firstWord: first.word,
          lastWord: last.word,
          isPhrase: words.length > 1,
        },
      };
    }
    return null;
  }

  private wordAt(text: string, numbered: NumberedToken | undefined): Match | null {
    if (numbered === undefined) return null;
    const { token, at, word } = numbered;
    const raw = text.slice(token.start, token.end);
    for (const matcher of this.words) {
      for (const candidate of matcher.words) {
        const characters = matchedCharacters(matcher, candidate, token, raw);
        if (characters === null) continue;
        const place = { firstToken: at, lastToken: at, firstWord: word, lastWord: word };
        return { range: matcher.range, characters, ...place, isPhrase: false };
      }
    }
    return null;
  }
}

function matchedCharacters(
  matcher: WordMatcher,
  candidate: string,
  token: Token,
  raw: string,
): number | null {
  if (matcher.isPrefix && token.lemma.startsWith(candidate)) {
    const shown = firstCharacters(candidate, matcher.typedCharacters);
    return shown === "" ? null : originalCharacters(raw, shown);
  }
  return token.lemma === candidate ? characterCount(raw) : null;
}
