/** Operations in words, one line each. */
import type { z } from "zod";

import type { operationView } from "../../worker/admin/schemas.ts";
import { bar, bytesText, secondsText } from "./print.ts";

export type OperationView = z.infer<typeof operationView>;

export function subjectOf({ node, index }: OperationView): string {
  return node ?? index ?? "";
}

export function progressText({ state, progress }: OperationView): string {
  const { steps, fraction, documents, bytes, documentsPerSecond, etaSeconds } = progress;
  const all = steps.done + steps.underWay + steps.planned;
  const parts = [
    `${bar(state === "succeeded" ? 1 : fraction)} ${steps.done}/${all} steps`,
    `${documents} documents, ${bytesText(bytes)}`,
    ...(documentsPerSecond === null ? [] : [`${documentsPerSecond}/s`]),
    ...(etaSeconds === null ? [] : [`about ${secondsText(etaSeconds)} left`]),
  ];
  return parts.join("  ");
}

const REASONS = {
  lost: "have no other replica and wait for their node",
  "no-node": "have no node to go to: add one, or lower the replication factor",
  "not-in-sync": "wait for other replicas to catch up",
  resharding: "wait for the end of the index's reshard",
} as const;

export function waitingText({ waiting }: OperationView): readonly string[] {
  return waiting.map(
    ({ index, node, reason, shards }) =>
      `${shards.length} shards of ${index} on ${node} ${REASONS[reason]}`,
  );
}
