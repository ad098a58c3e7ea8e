/**
 * `distinct` over shards: the best hit of each value wins, wherever it lies.
 *
 * Every node has already left out its own duplicates. That is right for attributes with one value
 * per document; with several, a node's winner may lose to another node's hit by one value and have
 * hidden, by another value, a document that must show. Such losers are reported as `obstacles`, so
 * that the search can be run again without them.
 */
import { distinctValues, type DistinctValue } from "./distinct-values.ts";
import type { Hit } from "./hit.ts";

export interface DistinctChoice {
  readonly hits: readonly Hit[];
  /** The values of all chosen hits. */
  readonly values: ReadonlySet<DistinctValue>;
  /** How many of the chosen hits have a value at all. */
  readonly valuedCount: number;
  /** Rejected hits that may hide others, and are rejected whatever those others are. */
  readonly obstacles: readonly Hit[];
  /** Whether some hit has several values: then one hit can outdo several of another node. */
  readonly hasSeveralValues: boolean;
}

interface Loser {
  readonly hit: Hit;
  /** Place of the chosen hit that it lost to. */
  readonly lostTo: number;
}

/** Choose up to `limit` hits of a merged list, best first. */
export function chooseDistinct(
  hits: Iterable<Hit>,
  attribute: string,
  limit: number,
): DistinctChoice {
  const chosen: Hit[] = [];
  const owner = new Map<DistinctValue, number>();
  const losers: Loser[] = [];
  let firstLoser: number | undefined;
  let valuedCount = 0;
  let hasSeveralValues = false;
  let place = 0;
  for (const hit of hits) {
    if (chosen.length >= limit) break;
    const values = distinctValues(hit, attribute);
    if (values.length > 1) hasSeveralValues = true;
    const owners = values.flatMap((value) => owner.get(value) ?? []);
    if (owners.length === 0) {
      chosen.push(hit);
      for (const value of values) owner.set(value, place);
      if (values.length > 0) valuedCount += 1;
    } else if (values.some((value) => !owner.has(value))) {
      losers.push({ hit, lostTo: Math.min(...owners) });
      firstLoser ??= place;
    }
    place += 1;
  }
  // What a hidden document could change begins at the first loser: what was decided by hits before
  // it stands.
  const end = firstLoser ?? 0;
  const obstacles = losers.filter(({ lostTo }) => lostTo < end).map(({ hit }) => hit);
  const values = new Set(owner.keys());
  return { hits: chosen, values, valuedCount, obstacles, hasSeveralValues };
}
