/**
 * One change of one shard's replicas, as a state machine. Pure: `step` says which state follows from
 * what was seen; the shell acts, and stores the state before it acts on it. Source and target are
 * those of the change, where it has them; a change without a target skips from announcing to
 * switching, one without a drop from switching to done.
 *
 * | phase      | reads served by          | log delivers the shard to  | source and target   | target holds  |
 * | ---------- | ------------------------ | -------------------------- | ------------------- | ------------- |
 * | queued     | replicas                 | replicas                   | go on               | nothing       |
 * | announcing | replicas                 | replicas                   | go on               | nothing       |
 * | fencing    | replicas                 | replicas                   | stop at the fence   | nothing       |
 * | copying    | replicas                 | replicas                   | stand at the fence  | a part        |
 * | verifying  | replicas                 | replicas                   | stand at the fence  | all, unproven |
 * | catchingUp | replicas                 | replicas, target           | go on               | all           |
 * | switching  | replicas, with the new   | replicas, target           | go on               | all           |
 * |            | epoch target, not drop   |                            |                     |               |
 * | dropping   | with the new epoch       | replicas, target; drop     | go on               | all           |
 * |            | target, not drop         | until leases have ended    |                     |               |
 * | done       | target, not drop         | target, not drop           | go on               | all           |
 * | failed,    | replicas                 | replicas                   | go on               | being deleted |
 * | canceled   |                          |                            |                     |               |
 *
 * Reads of nodes that hold a shard which is not theirs are filtered by shard from `announcing` on,
 * until nothing of it is left on them. What fails before the switch begins again at a new fence;
 * from the switch on there is no way back, only forward, unless the target loses the shard while the
 * replica that it comes from is still there: that one stays.
 */
import type { Epoch, LogOffset, NodeId } from "../ids.ts";
import { isOver, type ShardChange } from "./shard-change.ts";

/** Where a shard is copied from, and the offset at which both ends stand. */
export interface Cut {
  readonly source: NodeId;
  readonly fence: LogOffset;
}

export type TransferState =
  | { readonly kind: "queued" }
  | { readonly kind: "announcing" }
  /** Without a cut nobody stands still: a fence has yet to be chosen. */
  | { readonly kind: "fencing"; readonly cut: Cut | null }
  | { readonly kind: "copying"; readonly cut: Cut }
  | { readonly kind: "verifying"; readonly cut: Cut }
  | { readonly kind: "catchingUp" }
  | { readonly kind: "switching" }
  /** Leases on topologies before `epoch` may still lead to the dropped replica. */
  | { readonly kind: "dropping"; readonly epoch: Epoch }
  | { readonly kind: "done" }
  | { readonly kind: "failed" }
  | { readonly kind: "canceled" };

export interface Transfer {
  readonly change: ShardChange;
  readonly state: TransferState;
  /** Attempts that failed, since the change was asked for. */
  readonly failures: number;
  /** Documents of the shard on the source; 0 until they are counted. */
  readonly total: number;
  readonly copied: number;
  readonly bytes: number;
  readonly error: string | null;
}

export type Observation =
  /** It is its turn. */
  | { readonly kind: "started" }
  /** No reader is left that would read source or target without the shard filter. */
  | { readonly kind: "announced" }
  | { readonly kind: "fenced"; readonly cut: Cut }
  /** Both ends stand at the fence, and the target holds nothing of the shard. */
  | { readonly kind: "stopped"; readonly total: number }
  | { readonly kind: "copied"; readonly documents: number; readonly bytes: number }
  | { readonly kind: "copiedAll" }
  /** Source and target hold the same. */
  | { readonly kind: "matched" }
  /** The target is in sync, all that it needs for the switch. */
  | { readonly kind: "caughtUp" }
  /** Readers of `epoch` follow the new placement. */
  | { readonly kind: "switched"; readonly epoch: Epoch }
  /** Who was to keep the shard lost it before the dropped replica was touched; readers find it there. */
  | { readonly kind: "lost" }
  | { readonly kind: "dropped" }
  | { readonly kind: "faulted"; readonly error: string }
  | { readonly kind: "canceled"; readonly error: string | null };

/** Attempts before a transfer is given up: some minutes, with the pauses between them. */
export const ATTEMPTS_MAX = 10;

/** What follows. An observation that does not belong to the phase, late or repeated, changes nothing. */
export function step(transfer: Transfer, seen: Observation): Transfer {
  const { state, change } = transfer;
  if (seen.kind === "faulted") return faulted(transfer, seen.error);
  if (seen.kind === "canceled") {
    if (!isReversible(state)) return transfer;
    return { ...transfer, state: { kind: "canceled" }, error: seen.error };
  }
  const to = (next: TransferState): Transfer => ({ ...transfer, state: next });
  switch (state.kind) {
    case "queued":
      return seen.kind === "started" ? to({ kind: "announcing" }) : transfer;
    case "announcing":
      if (seen.kind !== "announced") return transfer;
      return to(change.target === null ? { kind: "switching" } : { kind: "fencing", cut: null });
    case "fencing":
      if (seen.kind === "fenced") return to({ kind: "fencing", cut: seen.cut });
      if (seen.kind !== "stopped" || state.cut === null) return transfer;
      return {
        ...transfer,
        state: { kind: "copying", cut: state.cut },
        total: seen.total,
        copied: 0,
        bytes: 0,
      };
    case "copying":
      if (seen.kind === "copied") return advanced(transfer, seen.documents, seen.bytes);
      return seen.kind === "copiedAll" ? to({ kind: "verifying", cut: state.cut }) : transfer;
    case "verifying":
      return seen.kind === "matched" ? to({ kind: "catchingUp" }) : transfer;
    case "catchingUp":
      return seen.kind === "caughtUp" ? to({ kind: "switching" }) : transfer;
    case "switching":
      if (seen.kind === "lost") return to({ kind: "fencing", cut: null });
      if (seen.kind !== "switched") return transfer;
      if (change.drop === null) return { ...to({ kind: "done" }), error: null };
      return to({ kind: "dropping", epoch: seen.epoch });
    case "dropping":
      if (seen.kind === "lost") {
        const error = "the replicas that stay have lost the shard";
        return { ...to({ kind: "canceled" }), error };
      }
      return seen.kind === "dropped" ? { ...to({ kind: "done" }), error: null } : transfer;
    case "done":
    case "failed":
    case "canceled":
      return transfer;
  }
}

function advanced(transfer: Transfer, documents: number, bytes: number): Transfer {
  return {
    ...transfer,
    copied: transfer.copied + documents,
    bytes: transfer.bytes + bytes,
  };
}

/** Before the switch a fault leads to a new fence, or to the end; later it is only noted. */
function faulted(transfer: Transfer, error: string): Transfer {
  const { state } = transfer;
  if (isOver(state.kind)) return transfer;
  const failures = transfer.failures + 1;
  const noted = { ...transfer, failures, error };
  if (!isReversible(state)) {
    const isHopeless = state.kind === "switching" && transfer.change.target === null;
    return isHopeless && failures >= ATTEMPTS_MAX ? { ...noted, state: { kind: "failed" } } : noted;
  }
  if (failures >= ATTEMPTS_MAX) return { ...noted, state: { kind: "failed" } };
  const begun = state.kind === "queued" || state.kind === "announcing";
  return begun ? noted : { ...noted, state: { kind: "fencing", cut: null } };
}

/** Whether the placement is still what it was. */
function isReversible({ kind }: TransferState): boolean {
  return kind !== "switching" && kind !== "dropping" && !isOver(kind);
}

/** The offset beyond which a node gets nothing for now. */
export function limitFor({ change, state }: Transfer, node: NodeId): LogOffset | undefined {
  const cut = cutOf(state);
  if (cut === null || (node !== cut.source && node !== change.target)) return undefined;
  return cut.fence;
}

export function cutOf(state: TransferState): Cut | null {
  const isCut = state.kind === "fencing" || state.kind === "copying" || state.kind === "verifying";
  return isCut ? state.cut : null;
}

/** Whether the log delivers the shard to the target. */
export function deliversToTarget({ kind }: TransferState): boolean {
  return kind === "catchingUp" || kind === "switching" || kind === "dropping" || kind === "done";
}
