/**
 * Finds the words of a sorted vocabulary that are within a few edits (insert, delete, replace, swap
 * of neighbours) of a query, as Meilisearch's Levenshtein automata do. The vocabulary is walked in
 * order and the rows of the common prefix are kept, so whole branches fall away at once.
 */
export interface NearWord {
  readonly word: string;
  readonly distance: number;
}

class Walk {
  private readonly query: string;
  private readonly max: number;
  private readonly isPrefix: boolean;
  /** rows[d] is the row after d characters: distances to every prefix of the query. */
  private readonly rows: Uint8Array[] = [];
  /** settled[d]: the distance that is final for every word that starts so; -1 while it is open. */
  private readonly settled: number[] = [];

  constructor(query: string, max: number, isPrefix: boolean) {
    this.query = query;
    this.max = max;
    this.isPrefix = isPrefix;
    this.rows.push(Uint8Array.from({ length: query.length + 1 }, (_, at) => at));
    this.settled.push(isPrefix && query === "" ? 0 : -1);
  }

  /** Computes the row after `depth` characters of `word`; false when nothing can match any more. */
  step(word: string, depth: number): boolean {
    const width = this.query.length + 1;
    const previous = this.rows[depth - 1] ?? new Uint8Array(width);
    const beforePrevious = this.rows[depth - 2];
    const row = this.rows[depth] ?? new Uint8Array(width);
    const code = word.charCodeAt(depth - 1);
    const codeBefore = depth > 1 ? word.charCodeAt(depth - 2) : -1;
    row[0] = depth;
    let smallest = depth;
    for (let at = 1; at < width; at += 1) {
      const letter = this.query.charCodeAt(at - 1);
      const replaced = (previous[at - 1] ?? 0) + (letter === code ? 0 : 1);
      let cost = Math.min(replaced, (previous[at] ?? 0) + 1, (row[at - 1] ?? 0) + 1);
      if (beforePrevious !== undefined && at > 1 && letter === codeBefore) {
        if (this.query.charCodeAt(at - 2) === code) {
          cost = Math.min(cost, (beforePrevious[at - 2] ?? 0) + 1);
        }
      }
      row[at] = cost;
      if (cost < smallest) smallest = cost;
    }
    this.rows[depth] = row;
    this.settle(depth, row[width - 1] ?? width, smallest);
    return smallest <= this.max || (this.settled[depth] ?? -1) >= 0;
  }

  /** The distance of the word of that length whose rows were computed last. */
  distance(length: number): number {
    const settled = this.settled[length] ?? -1;
    if (settled >= 0) return settled;
    return this.rows[length]?.[this.query.length] ?? this.max + 1;
  }

  /**
   * As Meilisearch's automata do: a query that may be a prefix matches as soon as its distance can no
   * longer be beaten by a shorter part of the query; not whenever any beginning of a word is near.
   */
  private settle(depth: number, distance: number, smallest: number): void {
    const before = this.settled[depth - 1] ?? -1;
    const settles = this.isPrefix && distance <= this.max && distance <= smallest;
    this.settled[depth] = before >= 0 ? before : settles ? distance : -1;
  }
}

function commonPrefix(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}

/** First position in [from, to) whose word does not start with `prefix`. */
function afterPrefix(words: readonly string[], prefix: string, from: number, to: number): number {
  let step = 1;
  let low = from;
  while (low + step < to && (words[low + step] ?? "").startsWith(prefix)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, to);
  low += 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[middle] ?? "").startsWith(prefix)) low = middle + 1;
    else high = middle;
  }
  return high;
}

/** Words of `words[from..to)` (sorted) within `max` edits of the query, in their order. */
export function nearWords(
  words: readonly string[],
  from: number,
  to: number,
  query: string,
  max: number,
  isPrefix: boolean,
): NearWord[] {
  const walk = new Walk(query, max, isPrefix);
  const found: NearWord[] = [];
  let valid = 0;
  let previous = "";
  let at = from;
  while (at < to) {
    const word = words[at] ?? "";
    let depth = Math.min(valid, commonPrefix(previous, word));
    let alive = true;
    while (alive && depth < word.length) {
      depth += 1;
      alive = walk.step(word, depth);
    }
    valid = depth;
    previous = word;
    if (!alive) {
      at = afterPrefix(words, word.slice(0, depth), at, to);
      continue;
    }
    const distance = walk.distance(word.length);
    if (distance <= max) found.push({ word, distance });
    at += 1;
  }
  return found;
}
