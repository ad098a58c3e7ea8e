/**
 * Group delivery: consecutive entries of one kind travel as one node task, which is what makes many
 * small writes cheap. The order of the log is kept; what may not be grouped goes alone.
 */
import type { LogOffset } from "../ids.ts";
import type { Operation } from "./operation.ts";

export interface Deliverable {
  readonly offset: LogOffset;
  readonly operation: Operation;
  /** Payload bytes of the entry over all shards. */
  readonly bytes: number;
}

export interface GroupLimits {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

/** Whether `next` may share a node task with `first`: same route, same parameters. */
function joins(first: Operation, next: Operation): boolean {
  return (
    first.kind === "writeDocuments" &&
    next.kind === "writeDocuments" &&
    first.mode === next.mode &&
    first.skipCreation === next.skipCreation &&
    first.primaryKey === next.primaryKey
  );
}

/** The longest prefix of `entries` (never empty unless they are) that one node task may carry. */
export function leadingGroup(
  entries: readonly Deliverable[],
  limits: GroupLimits,
): readonly Deliverable[] {
  const [first] = entries;
  if (first === undefined) return [];
  const group: Deliverable[] = [first];
  let bytes = first.bytes;
  for (const entry of entries.slice(1, limits.entriesMax)) {
    bytes += entry.bytes;
    if (bytes > limits.bytesMax || !joins(first.operation, entry.operation)) break;
    group.push(entry);
  }
  return group;
}
