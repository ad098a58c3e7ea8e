/** What logs say of steps, brought into the operations' records. */
import { instant, type Instant } from "../ids.ts";
import type { ReshardPhase, ReshardState } from "../reshard/reshard-state.ts";
import type { TransferPhase, TransferStatus } from "../transfer/shard-change.ts";
import type { OperationStep, TopologyOperation } from "./operation.ts";

/** Waits between steps of an operation whose steps fail: doubling, from and up to. */
const RETRY_FIRST_MS = 1000;
const RETRY_MAX_MS = 60_000;

/** A step with what its log says of it now. */
export function observed(step: OperationStep, status: TransferStatus): OperationStep {
  const { phase, documents, bytes, error, startedAt, finishedAt } = status;
  return { ...step, phase, documents, bytes, error, startedAt, finishedAt };
}

const RESHARD_PHASES: Readonly<Record<ReshardPhase, TransferPhase>> = {
  building: "announcing",
  copying: "copying",
  checking: "verifying",
  moving: "catchingUp",
  switching: "switching",
  done: "done",
  abandoned: "failed",
};

/** A step that is a reshard, with how far that is. */
export function observedReshard(
  step: OperationStep,
  { phase, documents, total, error, isCanceled }: ReshardState & { readonly isCanceled: boolean },
  now: Instant,
): OperationStep {
  const isEnded = phase === "done" || phase === "abandoned";
  return {
    ...step,
    phase: phase === "abandoned" && isCanceled ? "canceled" : RESHARD_PHASES[phase],
    documents: { copied: documents, total },
    error,
    startedAt: step.startedAt ?? now,
    finishedAt: isEnded ? now : null,
  };
}

/** A step whose index is gone: nobody will carry it out. */
export function abandoned(step: OperationStep, now: Instant): OperationStep {
  return { ...step, phase: "canceled", error: "the index is gone", finishedAt: now };
}

/** An operation with a step of it that has just ended; one that goes on changes nothing. */
export function counted(
  operation: TopologyOperation,
  step: OperationStep,
  now: Instant,
): TopologyOperation {
  const { tally } = operation;
  const copied = {
    documents: tally.documents + step.documents.copied,
    bytes: tally.bytes + step.bytes,
  };
  if (step.phase === "done") {
    const counts = { ...tally, ...copied, done: tally.done + 1 };
    return { ...operation, tally: counts, failures: 0, retryAt: null };
  }
  if (step.phase !== "failed") return operation;
  const failures = operation.failures + 1;
  const waitMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** (failures - 1));
  return {
    ...operation,
    tally: { ...tally, ...copied, failed: tally.failed + 1 },
    failures,
    retryAt: instant(now + waitMs),
    error: step.error,
  };
}
