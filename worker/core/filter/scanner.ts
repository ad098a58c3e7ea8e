/**
 * The words of the filter language: where values, keywords and numbers start and end. A method
 * that does not find what it looks for leaves the position as it was.
 */
import { FilterMistake, type Span } from "./diagnostic.ts";
import { unescape } from "./escapes.ts";
import {
  expectedValue,
  invalidEscape,
  malformedValue,
  misusedGeo,
  missingDelimiter,
  reservedGeo,
  SENTENCES,
} from "./sentences.ts";
import type { Token } from "./syntax.ts";

const KEYWORDS: ReadonlySet<string> = new Set(
  "AND OR IN NOT TO EXISTS IS NULL EMPTY CONTAINS STARTS WITH _geoRadius _geoBoundingBox".split(
    " ",
  ),
);

const WORD = /[\p{Alphabetic}\p{N}_.-]+/uy;
const DOTLESS_WORD = /[\p{Alphabetic}\p{N}_-]+/uy;
const BLANKS = /[ \t\r\n]*/y;
const WHITE_SPACE = /\p{White_Space}*/uy;
const NOT_SYNTAX = /[^\p{White_Space}()=<>!]*/uy;

export class Scanner {
  readonly text: string;
  at = 0;
  /** What messages show as the filter. */
  shown: string;

  constructor(text: string) {
    this.text = text;
    this.shown = text;
  }

  rest(): string {
    return this.text.slice(this.at);
  }

  atEnd(): boolean {
    return this.at === this.text.length;
  }

  span(start: number, end: number = this.text.length): Span {
    return { text: this.text, start, end, shown: this.shown };
  }

  /** A mistake about everything from `start` on. */
  mistake(sentence: string, start: number = this.at, end?: number): FilterMistake {
    return new FilterMistake(sentence, this.span(start, end));
  }

  /** Skips spaces, tabs and line ends; false when there were none. */
  blanks(): boolean {
    const start = this.at;
    this.at = this.endOf(BLANKS);
    return this.at > start;
  }

  /** Exactly this text. */
  literal(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Exactly this word, not a longer one. */
  word(word: string): boolean {
    if (this.peekWord() !== word) return false;
    this.at += word.length;
    return true;
  }

  /** These words with blanks between them. */
  words(...words: readonly string[]): boolean {
    const start = this.at;
    for (const [position, word] of words.entries()) {
      if ((position > 0 && !this.blanks()) || !this.literal(word)) {
        this.at = start;
        return false;
      }
    }
    return true;
  }

  /** This word with blanks around it. */
  spacedWord(word: string): boolean {
    const start = this.at;
    this.blanks();
    if (!this.word(word)) {
      this.at = start;
      return false;
    }
    this.blanks();
    return true;
  }

  spacedLiteral(text: string): boolean {
    const start = this.at;
    this.blanks();
    if (!this.literal(text)) {
      this.at = start;
      return false;
    }
    this.blanks();
    return true;
  }

  /** A value and the blanks after it; throws when there is none. */
  value(): Token {
    const value = this.tryValue();
    if (value instanceof FilterMistake) throw value;
    return value;
  }

  /**
   * A value, or why there is none. Some mistakes are thrown at once: no other reading of the
   * filter could do without this value.
   */
  tryValue(): Token | FilterMistake {
    const before = this.at;
    this.at = this.endOf(WHITE_SPACE);
    const start = this.at;
    this.refuseGeo();
    const quoted = this.quoted(start);
    const token = quoted ?? this.plainWord();
    if (token === undefined) {
      const keyword = KEYWORDS.has(this.peekWord());
      const end = this.endOf(NOT_SYNTAX);
      this.at = before;
      return new FilterMistake(
        expectedValue(this.text.slice(start, end), keyword),
        this.span(start, end),
        keyword ? "keyword" : undefined,
      );
    }
    this.blanks();
    const resolved = unescape(token.value);
    if ("text" in resolved) return { ...token, value: resolved.text };
    if (resolved.fault === "incomplete") throw this.mistake(SENTENCES.incomplete, 0);
    this.at = before;
    const raw = this.text.slice(token.start, token.end);
    const sentence = resolved.fault === "number" ? invalidEscape(raw) : malformedValue(raw);
    return new FilterMistake(sentence, token);
  }

  /** A name of a vector filter: quoted, or a word without points. Undefined when there is none. */
  vectorName(): Token | "wrong quotes" | undefined {
    const start = this.at;
    let token: Token | undefined;
    try {
      token = this.quoted(start);
    } catch (error) {
      if (!(error instanceof FilterMistake)) throw error;
      this.at = start;
      return error.kind === "open quote" ? "wrong quotes" : undefined;
    }
    if (token === undefined) {
      const end = this.endOf(DOTLESS_WORD);
      if (end === start) return undefined;
      this.at = end;
      token = { ...this.span(start, end), value: this.text.slice(start, end) };
    }
    const resolved = unescape(token.value);
    if ("text" in resolved) return { ...token, value: resolved.text };
    this.at = start;
    return undefined;
  }

  peekWord(): string {
    return this.text.slice(this.at, this.endOf(WORD));
  }

  private plainWord(): Token | undefined {
    const word = this.peekWord();
    if (word === "" || KEYWORDS.has(word)) return undefined;
    const start = this.at;
    this.at += word.length;
    return { ...this.span(start, this.at), value: word };
  }

  private quoted(start: number): Token | undefined {
    const quote = this.text[this.at];
    if (quote !== "'" && quote !== '"') return undefined;
    const content = this.at + 1;
    let end = content;
    while (end < this.text.length && this.text[end] !== quote) {
      if (this.text[end] === "\\") {
        if (end + 1 === this.text.length) {
          throw this.mistake(malformedValue(this.text.slice(content)), content);
        }
        end += 1;
      }
      end += 1;
    }
    if (end >= this.text.length) {
      const sentence = missingDelimiter(this.text.slice(start), quote);
      throw new FilterMistake(sentence, this.span(start), "open quote");
    }
    this.at = end + 1;
    const value = this.text.slice(content, end).replaceAll(`\\${quote}`, quote);
    return { ...this.span(content, end), value };
  }

  /** A geographic function or field in the place of a value. */
  private refuseGeo(): void {
    for (const name of ["_geoPoint", "_geoDistance"] as const) {
      if (this.text.startsWith(name, this.at)) throw this.mistake(reservedGeo(name));
    }
    const word = this.peekWord();
    if (word === "_geo") throw this.mistake(reservedGeo("_geo"));
    if (word === "_geoRadius" || word === "_geoBoundingBox") throw this.mistake(misusedGeo(word));
  }

  private endOf(pattern: RegExp): number {
    pattern.lastIndex = this.at;
    return pattern.test(this.text) ? pattern.lastIndex : this.at;
  }
}
