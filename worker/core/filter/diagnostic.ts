/**
 * A mistake in a filter, told as Meilisearch tells it: a sentence, then on its own line the place
 * (columns of characters, from 1) and the filter it is about.
 */

/** A piece of a filter's text: from `start` to `end` (UTF-16 offsets) of `text`. */
export interface Span {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** What the message prints as "the filter"; only inside `_foreign(…)` not the whole text. */
  readonly shown: string;
}

/** Two mistakes that the parser must tell from the others. */
export type MistakeKind = "keyword" | "open quote";

export class FilterMistake extends Error {
  readonly span: Span;
  readonly kind: MistakeKind | undefined;

  constructor(sentence: string, span: Span, kind?: MistakeKind) {
    super(`${sentence}\n${place(span)} ${span.shown}`);
    this.span = span;
    this.kind = kind;
  }
}

/** Characters of the span's line before it, plus one; then plus the span's own length. */
function place({ text, start, end }: Span): string {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const column = characters(text.slice(lineStart, start)) + 1;
  return `${column}:${column + characters(text.slice(start, end))}`;
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ["\0", "\\0"],
  ["\t", "\\t"],
  ["\r", "\\r"],
  ["\n", "\\n"],
  ["'", "\\'"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);
const UNPRINTABLE = /^[\p{C}\p{Z}]$/u;
const COMBINING = /^\p{M}$/u;

/** A quoted piece of the filter kept on one line, as Rust's `escape_debug` does. */
export function escaped(text: string): string {
  let result = "";
  for (const character of text) {
    const combining = result === "" && COMBINING.test(character);
    const code = ESCAPED.get(character);
    if (code !== undefined) result += code;
    else if (combining || (character !== " " && UNPRINTABLE.test(character))) {
      result += `\\u{${character.codePointAt(0)?.toString(16)}}`;
    } else result += character;
  }
  return result;
}
