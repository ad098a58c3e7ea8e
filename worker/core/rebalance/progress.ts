/** How far an operation is, how fast, and when it will be over if it goes on like that. */
import { isFinished, type OperationStep, type TopologyOperation } from "./operation.ts";
import type { Instant } from "../ids.ts";

export interface Progress {
  /** Steps that are over, under way and still to begin. */
  readonly steps: { readonly done: number; readonly underWay: number; readonly planned: number };
  /** From 0 to 1. */
  readonly fraction: number;
  readonly documents: number;
  readonly bytes: number;
  /** Since the operation was accepted; null before a document was copied. */
  readonly documentsPerSecond: number | null;
  /** Null when the operation is not running, waits, or has nothing done yet. */
  readonly etaSeconds: number | null;
}

export function progressOf(
  operation: TopologyOperation,
  underWay: readonly OperationStep[],
  now: Instant,
): Progress {
  const { tally, planned, state, waiting, createdAt, finishedAt } = operation;
  const sum = (of: (step: OperationStep) => number): number =>
    underWay.reduce((total, step) => total + of(step), 0);
  const documents = tally.documents + sum((step) => step.documents.copied);
  const all = tally.done + underWay.length + planned;
  const seconds = Math.max(0, (finishedAt ?? now) - createdAt) / 1000;
  const left = underWay.length + planned;
  const hasEta = state === "running" && waiting.length === 0 && tally.done > 0;
  const isOver = isFinished(operation);
  return {
    steps: { done: tally.done, underWay: underWay.length, planned },
    fraction: all === 0 ? (isOver ? 1 : 0) : tally.done / all,
    documents,
    bytes: tally.bytes + sum((step) => step.bytes),
    documentsPerSecond: documents === 0 || seconds === 0 ? null : Math.round(documents / seconds),
    etaSeconds: hasEta ? Math.round((left * seconds) / tally.done) : null,
  };
}
