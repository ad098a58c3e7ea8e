/**
 * Weighted rendezvous hashing (Thaler and Ravishankar 1998; weights as in Schindelhauer and
 * Schomaker 2005): every node draws a score for every shard, the highest win. Adding one node to N
 * moves about 1/(N+1) of the shards and none between old nodes.
 */
import type { NodeId, PhysicalUid, ShardId } from "../ids.ts";
import { hashText } from "./hash.ts";

export interface Candidate {
  readonly id: NodeId;
  /** Relative capacity; a node of weight 2 gets about twice the shards of a node of weight 1. */
  readonly weight: number;
  /** Failure domain: two replicas share one only when there are fewer zones than replicas. */
  readonly zone: string | undefined;
  /** The id of the node whose place it has taken; its own when there is none. */
  readonly seat?: NodeId;
}

/** A node's score for one shard: −weight / ln(u) with u uniform in (0, 1). */
function score(index: PhysicalUid, shard: ShardId, candidate: Candidate): number {
  const uniform = (hashText(`${index}/${shard}/${candidate.seat ?? candidate.id}`) + 0.5) / 2 ** 32;
  return -candidate.weight / Math.log(uniform);
}

/** The nodes that hold a shard, best first: `replicas` of them, or all when there are fewer. */
export function owners(
  index: PhysicalUid,
  shard: ShardId,
  candidates: readonly Candidate[],
  replicas: number,
): readonly NodeId[] {
  const ranked = candidates
    .map((candidate) => ({ candidate, score: score(index, shard, candidate) }))
    .sort((a, b) => b.score - a.score || (a.candidate.id < b.candidate.id ? -1 : 1))
    .map(({ candidate }) => candidate);
  const zones = new Set<string>();
  const chosen: Candidate[] = [];
  for (const candidate of ranked) {
    if (chosen.length === replicas) break;
    const zone = candidate.zone ?? `node ${candidate.id}`;
    if (zones.has(zone)) continue;
    zones.add(zone);
    chosen.push(candidate);
  }
  for (const candidate of ranked) {
    if (chosen.length === replicas) break;
    if (!chosen.includes(candidate)) chosen.push(candidate);
  }
  return chosen.map(({ id }) => id);
}
