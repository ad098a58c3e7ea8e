/**
 * A page deep inside a merged list, without the lists up to it. Shards are drawn by hash, so the
 * documents before any place of the merged list are spread over the lists in proportion to their
 * lengths, within a few standard deviations. Each list is asked for the keys of a window around its
 * share; the windows then either prove which part of each list is the page, or are too narrow and
 * get wider. The result never rests on the estimate.
 */
import { mergeRanked, type RankedList } from "./merge-hits.ts";
import type { DocumentEntry, Slice } from "./documents.ts";

/** A part of a list that may hold the page's documents: the place `from` included, `to` not. */
export interface KeyWindow {
  readonly from: number;
  readonly to: number;
  /** Whether nothing of the list comes after it. */
  readonly isLast: boolean;
}

/** Standard deviations on each side of a list's share: one page in about 10,000 needs more. */
const DEVIATIONS = 4;
/** Documents added on each side, for lists that are too short for statistics. */
const MARGIN = 8;

/** Where to look for the page in lists of these lengths. A greater `spread` looks further around. */
export function pageWindows(
  lengths: readonly number[],
  { offset, limit }: Slice,
  spread: number,
): readonly KeyWindow[] {
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  return lengths.map((length) => {
    const share = whole === 0 ? 0 : length / whole;
    const around = (place: number): number =>
      Math.ceil((DEVIATIONS * Math.sqrt(place * share * (1 - share)) + MARGIN) * spread);
    const end = offset + limit;
    const from = Math.max(0, Math.floor(offset * share) - around(offset));
    const to = Math.min(length, Math.ceil(end * share) + around(end));
    return { from, to, isLast: to === length };
  });
}

/** The same windows from the start of each list, for lists that cannot be entered further down. */
export function fromStart(windows: readonly KeyWindow[]): readonly KeyWindow[] {
  return windows.map((window) => ({ ...window, from: 0 }));
}

/**
 * The page's entries, or undefined when the windows do not prove them. They do when every list's
 * window starts at or before the page's first document (nothing before the windows belongs to it)
 * and ends at or after its last one, or with the list.
 */
export function locatePage(
  windows: readonly KeyWindow[],
  keys: readonly RankedList<DocumentEntry>[],
  { offset, limit }: Slice,
): readonly DocumentEntry[] | undefined {
  const first = offset - windows.reduce((sum, window) => sum + window.from, 0);
  if (first < 0) return undefined;
  const merged = [...mergeRanked(keys)];
  const last = Math.min(first + limit, merged.length) - 1;
  const isProven = windows.every((window, list) => {
    const startsInTime =
      window.from === 0 || merged.slice(0, first + 1).some((entry) => entry.list === list);
    // Fewer keys than asked for: the list ends here.
    const isAtEnd = window.isLast || (keys[list]?.length ?? 0) < window.to - window.from;
    return (
      startsInTime && (isAtEnd || merged.findLastIndex((entry) => entry.list === list) >= last)
    );
  });
  return isProven ? merged.slice(first, first + limit) : undefined;
}
