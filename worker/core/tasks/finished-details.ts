/** The details of a task that is over, from those it began with and what nodes counted. */
import { humanSize } from "./human-size.ts";
import type { OperationKind } from "../log/operation.ts";

export interface Counts {
  /** Distinct documents of the payload. */
  readonly indexedDocuments: number | null;
  /** Documents that were deleted, each counted once. */
  readonly deletedDocuments: number;
  /** Of all replicas, before and after a compaction. */
  readonly sizes: Sizes | null;
}

export interface Sizes {
  readonly beforeBytes: number;
  readonly afterBytes: number;
}

/** JSON text of the finished details; a failed task counts 0, as Meilisearch does. */
export function finishedDetails(
  kind: OperationKind,
  details: string | null,
  counts: Counts,
  failed: boolean,
): string | null {
  if (details === null) return null;
  switch (kind) {
    case "writeDocuments":
      return withCounter(details, "indexedDocuments", failed ? 0 : (counts.indexedDocuments ?? 0));
    case "deleteDocuments":
    case "deleteByFilter":
    case "deleteAllDocuments":
    case "deleteIndex":
      return withCounter(details, "deletedDocuments", failed ? 0 : counts.deletedDocuments);
    // As Meilisearch 1.50 does: both counters are of the documents that were edited.
    case "restoreDocuments":
    case "editDocuments": {
      const edited = failed ? 0 : counts.deletedDocuments;
      const counted = withCounter(details, "editedDocuments", edited);
      return failed ? counted : withCounter(counted, "deletedDocuments", edited);
    }
    case "compactIndex":
      return counts.sizes === null || failed ? details : sizesText(counts.sizes);
    case "pass":
      return nothingCounted(details);
    case "createIndex":
    case "setPrimaryKey":
    case "changeSettings":
    case "restoreSettings":
    case "reshard":
      return details;
  }
}

/** The details of a task that failed. */
export function failedDetails(kind: OperationKind, details: string | null): string | null {
  return finishedDetails(
    kind,
    details,
    { indexedDocuments: null, deletedDocuments: 0, sizes: null },
    true,
  );
}

/** An entry that no node got: as Meilisearch does, a failed edit is not said to have deleted any. */
function nothingCounted(details: string): string {
  const [edited, deleted] = ["editedDocuments", "deletedDocuments"];
  if (details.includes(`"${edited}":null`)) return withCounter(details, edited, 0);
  return withCounter(withCounter(details, "indexedDocuments", 0), deleted, 0);
}

function sizesText({ beforeBytes, afterBytes }: Sizes): string {
  return JSON.stringify({
    preCompactionSize: humanSize(beforeBytes),
    postCompactionSize: humanSize(afterBytes),
  });
}

/** Replaces `"name":null` in the text, which leaves every other digit as it was. */
function withCounter(details: string, name: string, count: number): string {
  return details.replace(`"${name}":null`, `"${name}":${count}`);
}
