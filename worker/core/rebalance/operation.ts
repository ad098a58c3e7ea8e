/**
 * An operation on the topology: what somebody wants, how far it has come, and why it waits. It holds
 * no list of moves: what is left to do is planned anew from what is, at every look (`reconcile.ts`).
 *
 * | state     | begins steps | steps under way         | ends by                                   |
 * | --------- | ------------ | ----------------------- | ----------------------------------------- |
 * | running   | yes          | go on                   | nothing is left to plan, or many failures |
 * | paused    | no           | go on, when a copy has  | a resume or a cancelation only            |
 * |           |              | begun; else taken back  |                                           |
 * | canceling | no           | are canceled            | no step is under way                      |
 */
import type { IndexUid, Instant, NodeId, PhysicalUid } from "../ids.ts";
import type { ShardChange, TransferPhase } from "../transfer/shard-change.ts";
import type { WaitingReplica } from "./placement-plan.ts";

export type OperationIntent =
  | { readonly kind: "rebalance" }
  | { readonly kind: "drain"; readonly node: NodeId }
  | { readonly kind: "remove"; readonly node: NodeId }
  | { readonly kind: "replace"; readonly node: NodeId; readonly by: NodeId }
  | { readonly kind: "fail"; readonly node: NodeId }
  | {
      readonly kind: "replicas";
      readonly index: PhysicalUid;
      readonly uid: IndexUid;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: "repair";
      readonly index: PhysicalUid;
      readonly uid: IndexUid;
      readonly shards: number;
    }
  /** The index is built anew with another number of shards (`core/reshard`). */
  | {
      readonly kind: "reshard";
      readonly index: PhysicalUid;
      readonly uid: IndexUid;
      readonly from: number;
      readonly to: number;
    };

export type OperationKind = OperationIntent["kind"];

export const OPERATION_STATES = [
  "running",
  "paused",
  "canceling",
  "canceled",
  "succeeded",
  "failed",
] as const;

export type OperationState = (typeof OPERATION_STATES)[number];

export function isFinished({ state }: Pick<TopologyOperation, "state">): boolean {
  return state === "canceled" || state === "succeeded" || state === "failed";
}

/** What the steps that are over have done. */
export interface Tally {
  readonly done: number;
  readonly failed: number;
  readonly documents: number;
  readonly bytes: number;
}

export interface TopologyOperation {
  /** From 1, in the order in which operations were accepted. */
  readonly id: number;
  readonly intent: OperationIntent;
  readonly state: OperationState;
  readonly error: string | null;
  /** What keeps it from ending, that no step of its own can change. */
  readonly waiting: readonly WaitingReplica[];
  readonly tally: Tally;
  /** Changes that are planned and not begun. */
  readonly planned: number;
  /** Steps begun so far; names the next one. */
  readonly begun: number;
  /** Steps that failed since one succeeded, and when the next may begin. */
  readonly failures: number;
  readonly retryAt: Instant | null;
  readonly createdAt: Instant;
  readonly finishedAt: Instant | null;
}

/**
 * One change of one shard, one comparison of its replicas, or a reshard, which is one step. Kept
 * before it is asked for.
 */
export interface OperationStep {
  readonly kind: "move" | "verify" | "reshard";
  readonly operation: number;
  readonly index: PhysicalUid;
  readonly change: ShardChange;
  readonly phase: TransferPhase;
  readonly documents: { readonly copied: number; readonly total: number };
  readonly bytes: number;
  /** What a comparison found. */
  readonly note: string | null;
  readonly error: string | null;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
}

export function newOperation(
  id: number,
  intent: OperationIntent,
  createdAt: Instant,
): TopologyOperation {
  return {
    id,
    intent,
    state: "running",
    error: null,
    waiting: [],
    tally: { done: 0, failed: 0, documents: 0, bytes: 0 },
    planned: 0,
    begun: 0,
    failures: 0,
    retryAt: null,
    createdAt,
    finishedAt: null,
  };
}

/** The node that an operation brings shards off. */
export function nodeOf(intent: OperationIntent): NodeId | undefined {
  return "node" in intent ? intent.node : undefined;
}
