/** Which replicas of a shard are believed when they differ. */
import type { NodeId } from "../ids.ts";

export interface Told {
  readonly node: NodeId;
  /** What it holds: the same text for the same documents. */
  readonly key: string;
}

/**
 * The replicas to copy anew. `told` in the order of placement: what more than half of them hold is
 * right; without such a majority, what the first of them holds.
 */
export function dissenters(told: readonly Told[]): readonly NodeId[] {
  const votes = new Map<string, number>();
  for (const { key } of told) votes.set(key, (votes.get(key) ?? 0) + 1);
  const majority = [...votes].find(([, count]) => count * 2 > told.length)?.[0];
  const right = majority ?? told[0]?.key;
  return told.filter(({ key }) => key !== right).map(({ node }) => node);
}

/** The index and the shard to compare in a given minute: one after the other, each in its turn. */
export function inTurn<I extends { readonly shards: number }>(
  minute: number,
  indexes: readonly I[],
): { readonly index: I; readonly shard: number } | undefined {
  const index = indexes[minute % indexes.length];
  if (index === undefined) return undefined;
  return { index, shard: Math.floor(minute / indexes.length) % index.shards };
}
