/** What an entry's end, or its kind, means for a replica that has not been through it yet. */
import type { Entry } from "../storage/log-rows.ts";

/** Whether one wrong document of one shard makes a node refuse the entry for all of its shards. */
export function failsByDocument({ operation }: Pick<Entry, "operation">): boolean {
  return operation.kind === "writeDocuments" || operation.kind === "editDocuments";
}

/** Nobody could be told that it failed, and what follows counts on it: the node is in trouble. */
export function mustSucceed({ task, operation }: Entry): boolean {
  return task === null || operation.kind === "restoreSettings";
}

/** It has succeeded where it counted: a replica that comes to it later has to take it as well. */
export function isTaken({ done, error, canceledBy }: Entry): boolean {
  return done && error === null && canceledBy === null;
}

/**
 * Canceled, or it failed where it counted: then no replica may apply it. Of documents, those of the
 * shards that could take them are applied all the same; and what was undone may be undone again.
 */
export function isSkipped({ error, done, canceledBy, operation }: Entry): boolean {
  if (canceledBy !== null) return true;
  const isSafe = failsByDocument({ operation }) || operation.kind === "restoreSettings";
  return error !== null && done && !isSafe;
}
