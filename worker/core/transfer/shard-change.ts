/**
 * What can be asked of one index's placement, and how far it has come: one shard at a time gets a
 * replica, loses one, or both. Plain values, as they cross RPC between the Cluster and a log.
 */
import type { Instant, LogOffset, NodeId, ShardId } from "../ids.ts";

/**
 * With a target only, the shard gets one more replica; with a drop only, it loses one; with both it
 * moves. Asking for the same `id` twice asks once.
 */
export interface ShardChange {
  readonly id: string;
  readonly shard: ShardId;
  readonly target: NodeId | null;
  readonly drop: NodeId | null;
}

/** See the table in `transfer.ts`. */
export const TRANSFER_PHASES = [
  "queued",
  "announcing",
  "fencing",
  "copying",
  "verifying",
  "catchingUp",
  "switching",
  "dropping",
  "done",
  "failed",
  "canceled",
] as const;

export type TransferPhase = (typeof TRANSFER_PHASES)[number];

export function isOver(phase: TransferPhase): boolean {
  return phase === "done" || phase === "failed" || phase === "canceled";
}

export function targetOf({ target }: ShardChange): NodeId {
  if (target === null) throw new Error("a change without a target copies nothing");
  return target;
}

export interface TransferStatus extends ShardChange {
  readonly phase: TransferPhase;
  /** `total` is 0 until the source has been counted. */
  readonly documents: { readonly copied: number; readonly total: number };
  /** Bytes of documents copied, as they travelled. */
  readonly bytes: number;
  /** Why it failed, or why the last attempt did. */
  readonly error: string | null;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
}

/** Who counts on a replica; `untrusted`: the node has lost what it had, nobody may read it. */
export type ReplicaStanding = "in-sync" | "lagging" | "suspended" | "untrusted";

export interface ReplicaState {
  readonly node: NodeId;
  /** Highest offset that the node is known to have applied. */
  readonly cursor: LogOffset;
  /** Highest offset of the log. */
  readonly head: LogOffset;
  readonly standing: ReplicaStanding;
  /** Shards whose documents are delivered to it. */
  readonly shards: readonly ShardId[];
}

/** One replica of a shard as it was read. */
export interface ReplicaCount {
  readonly node: NodeId;
  readonly documents: number;
  /** The same text exactly when the documents are the same, but for their vectors. */
  readonly digest: string;
}

/** What a comparison of a shard's replicas found. */
export type ShardReport =
  /** Fewer than two replicas could be read at one offset of the log. */
  | { readonly kind: "skipped"; readonly shard: ShardId; readonly reason: string }
  | {
      readonly kind: "same";
      readonly shard: ShardId;
      readonly offset: LogOffset;
      readonly replicas: readonly ReplicaCount[];
    }
  | {
      readonly kind: "different";
      readonly shard: ShardId;
      readonly offset: LogOffset;
      readonly replicas: readonly ReplicaCount[];
      /** The replicas that the others are believed against. */
      readonly wrong: readonly NodeId[];
      /** Those of them that are copied anew; none where it was only to be looked. */
      readonly repaired: readonly NodeId[];
      /** Ranges of document ids that differ, of `DIGEST_RANGES` in all. */
      readonly ranges: number;
    };
