/** Chooses the window of a long text to show: around the densest matches, some words long. */
import type { Token } from "../../../worker/core/text/tokenizer.ts";
import type { Match } from "./matching-words.ts";

type Score = readonly [unique: number, distance: number, order: number];

const DISTANCE_MAX = 7;

/** Different words of the query, then nearness, then order. */
function intervalScore(matches: readonly Match[]): Score {
  const ids = new Set<number>();
  let distance = 0;
  let order = 0;
  matches.forEach((match, at) => {
    const next = matches[at + 1];
    const inner = match.lastWord - match.firstWord;
    if (match.isPhrase) {
      order += inner;
      distance -= inner;
    }
    if (next !== undefined) {
      if (next.range.first > match.range.first) order += 1;
      distance -= Math.min(next.firstWord - match.lastWord, DISTANCE_MAX);
    }
    for (let id = match.range.first; id <= match.range.last; id += 1) ids.add(id);
  });
  return [ids.size, distance, order];
}

function isBetter(a: Score, b: Score): boolean {
  const at = a.findIndex((value, position) => value !== b[position]);
  return at !== -1 && (a[at] ?? 0) > (b[at] ?? 0);
}

interface Interval {
  readonly first: Match;
  readonly last: Match;
}

/** The run of matches that fits the size and scores best; the first of equals. */
function bestInterval(matches: readonly Match[], size: number): Interval | null {
  let best: { readonly score: Score; readonly interval: Interval } | null = null;
  const consider = (from: number, to: number): void => {
    const first = matches[from];
    const last = matches[to];
    if (first === undefined || last === undefined) return;
    const score = intervalScore(matches.slice(from, to + 1));
    if (best === null || isBetter(score, best.score)) best = { score, interval: { first, last } };
  };
  let from = 0;
  matches.forEach((next, at) => {
    if (next.lastWord - (matches[from]?.firstWord ?? 0) < size) return;
    if (at !== 0) consider(from, at - 1);
    do from += 1;
    while (from < matches.length && isTooLong(matches[from], next, size));
    if (from === matches.length) from -= 1;
  });
  const last = matches.length - 1;
  const only = matches[from];
  const words = only === undefined || !only.isPhrase ? 1 : only.lastWord - only.firstWord + 1;
  if (from !== last || words < size) consider(from, last);
  const fallback = matches[0];
  return best === null
    ? fallback === undefined
      ? null
      : { first: fallback, last: fallback }
    : intervalOf(best);
}

function intervalOf(best: { readonly interval: Interval }): Interval {
  return best.interval;
}

function isTooLong(first: Match | undefined, next: Match, size: number): boolean {
  if (first === undefined || first.firstWord > next.lastWord) return false;
  return next.lastWord - first.firstWord >= size;
}

function separatorKind(token: Token): "hard" | "soft" | null {
  return token.kind === "hard" || token.kind === "soft" ? token.kind : null;
}

/** Grows a window of tokens to both sides until it holds enough words. */
class Window {
  private readonly tokens: readonly Token[];
  /** Next token to take on each side. */
  before: number;
  after: number;
  private readonly afterStep: 1 | -1;
  private remaining: number;

  constructor(
    tokens: readonly Token[],
    before: number,
    after: number,
    afterStep: 1 | -1,
    words: number,
  ) {
    this.tokens = tokens;
    this.before = before;
    this.after = after;
    this.afterStep = afterStep;
    this.remaining = words;
  }

  grow(): void {
    while (this.remaining > 0) {
      const before = this.tokens[this.before];
      const after = this.tokens[this.after];
      if (before === undefined && after === undefined) return;
      if (before !== undefined && after !== undefined) this.growBoth(before, after);
      else if (before !== undefined) this.takeBefore(before);
      else if (after !== undefined) this.takeAfter(after);
    }
  }

  private growBoth(before: Token, after: Token): void {
    const left = separatorKind(before);
    const right = separatorKind(after);
    if (left === null && right === null) {
      this.takeBefore(before);
      if (this.remaining > 0) this.takeAfter(after);
    } else if (left === null) {
      this.takeBefore(before);
    } else if (right === null) {
      this.takeAfter(after);
    } else if (left === right) {
      this.takeBefore(before);
      // No separator is left hanging before the crop marker.
      if (this.remaining > 1) this.takeAfter(after);
    } else if (left === "hard") {
      this.takeAfter(after);
    } else {
      this.takeBefore(before);
    }
  }

  private takeBefore(token: Token): void {
    this.before -= 1;
    if (separatorKind(token) === null) this.remaining -= 1;
  }

  private takeAfter(token: Token): void {
    this.after += this.afterStep;
    if (separatorKind(token) === null) this.remaining -= 1;
  }
}

/** The part of the text to show, in UTF-16 units. */
export function cropBounds(
  text: string,
  tokens: readonly Token[],
  matches: readonly Match[],
  size: number,
): [start: number, end: number] {
  const window = startingWindow(tokens, bestInterval(matches, size), size);
  window.grow();
  const start = tokens[window.before]?.end ?? 0;
  const end = tokens[window.after]?.start ?? text.length;
  return [start, end];
}

function startingWindow(tokens: readonly Token[], interval: Interval | null, size: number): Window {
  if (interval === null) return new Window(tokens, -1, 0, 1, size);
  const words = interval.last.lastWord - interval.first.firstWord + 1;
  const after = interval.last.lastToken + 1;
  if (size >= words)
    return new Window(tokens, interval.first.firstToken - 1, after, 1, size - words);
  // A phrase longer than the window: words are taken off its end.
  const end = Math.min(after, tokens.length - 1);
  return new Window(tokens, -1, end, -1, words - size);
}
