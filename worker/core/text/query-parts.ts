/**
 * The parts of a query as Meilisearch reads them: words, "phrases", and both with a minus before
 * them, which must not match.
 */
import type { Token } from "./tokenizer.ts";

/** Tokens of a query that are looked at. */
export const QUERY_TOKENS_MAX = 1000;
/** Words and phrases of a query that are searched. */
export const QUERY_TERMS_MAX = 10;

export interface QueryPart {
  readonly kind: "word" | "phrase";
  readonly isNegative: boolean;
  /** One for a word; `null` stands for a stop word of a phrase. */
  readonly words: readonly (string | null)[];
  readonly first: number;
  readonly last: number;
  /** Whether it is a word that nothing follows. */
  readonly endsQuery: boolean;
}

/** As Meilisearch does: a hard separator moves the next words this much further away. */
const HARD_SEPARATOR_JUMP = 7;

class PhraseBuilder {
  private readonly words: (string | null)[] = [];
  private first = 0;
  private last = 0;

  push(token: Token, position: number): void {
    if (this.words.every((word) => word === null)) this.first = position;
    this.last = position;
    this.words.push(token.kind === "stopWord" ? null : token.lemma);
  }

  build(isNegative: boolean): QueryPart | null {
    const { words, first, last } = this;
    if (words.every((word) => word === null)) return null;
    return { kind: "phrase", isNegative, words, first, last, endsQuery: false };
  }
}

class QueryReader {
  private readonly parts: QueryPart[] = [];
  private termCount = 0;
  private phrase: PhraseBuilder | null = null;
  private phraseIsNegative = false;
  private nextIsNegative = false;
  private afterSpace = true;
  private position = -1;

  read(tokens: readonly Token[]): readonly QueryPart[] {
    for (const [at, token] of tokens.entries()) {
      if (token.lemma === "") continue;
      if (this.termCount >= QUERY_TERMS_MAX) return this.parts;
      if (token.kind === "word" || token.kind === "stopWord") {
        this.word(token, at === tokens.length - 1);
      } else {
        this.separator(token);
      }
      this.afterSpace = /\s$/u.test(token.lemma);
    }
    // As Meilisearch does: a quote that is never closed makes a phrase of all that follows.
    this.closePhrase();
    return this.parts;
  }

  private add(part: QueryPart): void {
    this.parts.push(part);
    if (!part.isNegative) this.termCount += 1;
  }

  private word(token: Token, endsQuery: boolean): void {
    this.position += 1;
    const { position } = this;
    if (this.phrase !== null) {
      this.phrase.push(token, position);
      return;
    }
    if (!this.nextIsNegative && !endsQuery && token.kind === "stopWord") return;
    const isNegative = this.nextIsNegative;
    this.nextIsNegative = false;
    const words = [token.lemma];
    this.add({ kind: "word", isNegative, words, first: position, last: position, endsQuery });
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
    const part = this.phrase?.build(this.phraseIsNegative) ?? null;
    if (part === null) return false;
    this.add(part);
    return true;
  }
}

export function queryParts(tokens: readonly Token[]): readonly QueryPart[] {
  return new QueryReader().read(tokens.slice(0, QUERY_TOKENS_MAX));
}
