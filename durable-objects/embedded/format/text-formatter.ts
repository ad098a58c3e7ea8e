/** One text with its matches marked and cropped, as clients see it in `_formatted`. */
import { byteLength, firstCharacters } from "../../../worker/core/text/lengths.ts";
import type { Token, Tokenizer } from "../../../worker/core/text/tokenizer.ts";
import { cropBounds } from "./crop.ts";
import type { Match, MatchingWords } from "./matching-words.ts";

export interface FormatOptions {
  readonly highlight: boolean;
  /** Words to keep; null keeps the whole text. */
  readonly crop: number | null;
}

export interface Marks {
  readonly cropMarker: string;
  readonly preTag: string;
  readonly postTag: string;
}

export interface MatchBounds {
  /** In bytes. */
  readonly start: number;
  readonly length: number;
}

export class TextFormatter {
  private readonly words: MatchingWords | null;
  private readonly tokenizer: Tokenizer;
  private readonly marks: Marks;

  constructor(words: MatchingWords | null, tokenizer: Tokenizer, marks: Marks) {
    this.words = words;
    this.tokenizer = tokenizer;
    this.marks = marks;
  }

  bounds(text: string): MatchBounds[] {
    const tokens = this.tokenizer.tokens(text);
    return this.matchesIn(text, tokens).map((match) => {
      const start = tokens[match.firstToken]?.start ?? 0;
      const end = tokens[match.lastToken]?.end ?? start;
      return {
        start: byteLength(text.slice(0, start)),
        length: byteLength(firstCharacters(text.slice(start, end), match.characters)),
      };
    });
  }

  format(text: string, options: FormatOptions): string {
    if (!options.highlight && options.crop === null) return text;
    const tokens = this.tokenizer.tokens(text);
    const matches = this.matchesIn(text, tokens);
    const cropped = options.crop !== null && options.crop > 0;
    const [start, end] = cropped
      ? cropBounds(text, tokens, matches, options.crop ?? 0)
      : [0, text.length];
    const { cropMarker } = this.marks;
    const shown = options.highlight
      ? this.highlighted(text, tokens, matches, start, end)
      : text.slice(start, end);
    return (start > 0 ? cropMarker : "") + shown + (end < text.length ? cropMarker : "");
  }

  private matchesIn(text: string, tokens: readonly Token[]): Match[] {
    return this.words?.matches(text, tokens) ?? [];
  }

  private highlighted(
    text: string,
    tokens: readonly Token[],
    matches: readonly Match[],
    from: number,
    to: number,
  ): string {
    const parts: string[] = [];
    let at = from;
    for (const match of matches) {
      const matchStart = tokens[match.firstToken]?.start ?? 0;
      const matchEnd = tokens[match.lastToken]?.end ?? 0;
      if (matchEnd < from || matchStart > to) continue;
      const start = Math.max(matchStart, from);
      const end = Math.min(matchEnd, to);
      if (at < start) parts.push(text.slice(at, start));
      const marked = firstCharacters(text.slice(start, end), match.characters);
      parts.push(this.marks.preTag, marked, this.marks.postTag);
      parts.push(text.slice(start + marked.length, end));
      at = end;
    }
    if (at < to) parts.push(text.slice(at, to));
    return parts.join("");
  }
}
