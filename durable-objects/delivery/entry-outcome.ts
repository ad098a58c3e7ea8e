/** What an entry's end, or its kind, means for a replica that has not been through it yet. */
import type { Entry } from "../storage/log-rows.ts";

/**
 * Whether one wrong document of one shard makes a node refuse the entry for all of its shards, and
 * other shards take it all the same: nothing could be undone.
 */
export function failsByDocument({ operation }: Pick<Entry, "operation">): boolean {
  if (operation.kind === "editDocuments") return operation.beforeImages === "too-many";
  return operation.kind === "writeDocuments";
}

export type UnreadEdit = Entry & { readonly operation: { readonly kind: "editDocuments" } };

/** An edit before which nobody has looked at what it is about. */
export function isUnread(entry: Entry): entry is UnreadEdit {
  const { operation } = entry;
  return operation.kind === "editDocuments" && operation.beforeImages === "unread";
}

export type UnaskedWrite = Entry & { readonly operation: { readonly kind: "writeDocuments" } };

/** Documents without vectors of which nobody knows yet whether they are stored. */
export function isUnasked(entry: Entry): entry is UnaskedWrite {
  const { operation } = entry;
  return operation.kind === "writeDocuments" && operation.vectorless === "unasked";
}

/** What others took, undone: nodes get what was there before. */
export function isRestoring({ operation }: Pick<Entry, "operation">): boolean {
  return operation.kind === "restoreSettings" || operation.kind === "restoreDocuments";
}

/** Nobody could be told that it failed, and what follows counts on it: the node is in trouble. */
export function mustSucceed(entry: Entry): boolean {
  return entry.task === null || isRestoring(entry);
}

/** It has succeeded where it counted: a replica that comes to it later has to take it as well. */
export function isTaken({ done, error, canceledBy }: Entry): boolean {
  return done && error === null && canceledBy === null;
}

/**
 * Canceled, or it failed where it counted: then no replica may apply it. Of documents, those of the
 * shards that could take them are applied all the same; and what was undone may be undone again.
 */
export function isSkipped(entry: Entry): boolean {
  const { error, done, canceledBy } = entry;
  if (canceledBy !== null) return true;
  const isSafe = failsByDocument(entry) || isRestoring(entry);
  return error !== null && done && !isSafe;
}
