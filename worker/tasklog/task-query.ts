/** Task filters as SQL over the `tasks` table. Lists travel as one JSON parameter each: D1 takes 100. */
import type { TaskUid } from "../core/ids.ts";
import type { TaskFilter } from "../core/tasks/task-filter.ts";

export interface Condition {
  /** SQL with `?` parameters; `1` when everything matches. */
  readonly where: string;
  readonly values: readonly (string | number)[];
}

/** A star at the end of a pattern stands for any text. Tasks of no index, or of several, match none. */
const AMONG_PATTERNS = `EXISTS (SELECT 1 FROM json_each(?) WHERE value = index_uid
  OR (value LIKE '%*' AND substr(index_uid, 1, length(value) - 1) = substr(value, 1, length(value) - 1)))`;

/** Only the tasks of the indexes that a key covers; null for a key that covers all. */
export function withinPatterns(
  { where, values }: Condition,
  patterns: readonly string[] | null,
): Condition {
  if (patterns === null) return { where, values };
  return { where: `${where} AND ${AMONG_PATTERNS}`, values: [...values, JSON.stringify(patterns)] };
}

const among = (column: string): string => `${column} IN (SELECT value FROM json_each(?))`;

/** Public uids are one less than row ids. */
const rowIds = (uids: readonly number[]): string => JSON.stringify(uids.map((uid) => uid + 1));

/** Exactly these tasks. */
export function taskUids(uids: readonly TaskUid[]): Condition {
  return { where: among("id"), values: [rowIds(uids)] };
}

export function taskCondition(filter: TaskFilter): Condition {
  const parts: (readonly [string, string | number])[] = [];
  if (filter.uids !== null) parts.push([among("id"), rowIds(filter.uids)]);
  // A task is its own batch, once it has left the queue.
  if (filter.batchUids !== null) {
    parts.push([`status <> 'enqueued' AND ${among("id")}`, rowIds(filter.batchUids)]);
  }
  if (filter.canceledBy !== null) parts.push([among("canceled_by"), rowIds(filter.canceledBy)]);
  if (filter.types !== null) parts.push([among("type"), JSON.stringify(filter.types)]);
  if (filter.statuses !== null) parts.push([among("status"), JSON.stringify(filter.statuses)]);
  if (filter.indexUids !== null) parts.push([among("index_uid"), JSON.stringify(filter.indexUids)]);
  for (const column of ["enqueued_at", "started_at", "finished_at"] as const) {
    const { before, after } = filter.times[column];
    if (before !== null) parts.push([`${column} < ?`, before]);
    if (after !== null) parts.push([`${column} > ?`, after]);
  }
  return {
    where: parts.length === 0 ? "1" : parts.map(([sql]) => sql).join(" AND "),
    values: parts.map(([, value]) => value),
  };
}
