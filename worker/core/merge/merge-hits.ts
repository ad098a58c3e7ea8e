/**
 * The k-way merge of the nodes' hit lists. Each list is already in rank order, so only the heads
 * are decoded and compared: a page of 20 hits out of three nodes decodes about 23.
 */
import { compareSteps } from "../ranking/compare-steps.ts";
import type { RankStep } from "../ranking/score-details.ts";

export interface Ranked {
  readonly steps: readonly RankStep[];
}

/**
 * A sorted list whose entries are made when they are asked for. `at` is called once per position,
 * in ascending order.
 */
export interface RankedList<T extends Ranked> {
  readonly length: number;
  readonly at: (position: number) => T;
}

interface Cursor<T extends Ranked> {
  readonly list: RankedList<T>;
  position: number;
  head: T;
}

/** The entries of all lists, best first. Equal entries come in the order of their lists. */
export function* mergeRanked<T extends Ranked>(lists: readonly RankedList<T>[]): Generator<T> {
  const cursors: Cursor<T>[] = lists.flatMap((list) =>
    list.length === 0 ? [] : [{ list, position: 0, head: list.at(0) }],
  );
  for (;;) {
    const best = bestCursor(cursors);
    if (best === undefined) return;
    yield best.head;
    best.position += 1;
    if (best.position < best.list.length) best.head = best.list.at(best.position);
    else cursors.splice(cursors.indexOf(best), 1);
  }
}

/** Nodes are few: looking at every head is cheaper than a heap. */
function bestCursor<T extends Ranked>(cursors: readonly Cursor<T>[]): Cursor<T> | undefined {
  let best = cursors[0];
  if (best === undefined) return undefined;
  for (let at = 1; at < cursors.length; at += 1) {
    const cursor = cursors[at];
    if (cursor !== undefined && compareSteps(cursor.head.steps, best.head.steps) < 0) best = cursor;
  }
  return best;
}

/** The first `limit` entries; the rest is never made. */
export function take<T>(entries: Iterable<T>, limit: number): T[] {
  const taken: T[] = [];
  if (limit <= 0) return taken;
  for (const entry of entries) {
    taken.push(entry);
    if (taken.length >= limit) break;
  }
  return taken;
}
