/** Task filters as SQL over the `tasks` table. Lists travel as one JSON parameter each: D1 takes 100. */
import type { TaskUid } from "../core/ids.ts";
import type { TaskFilter } from "../core/tasks/task-filter.ts";

export interface Condition {
  /** SQL with `?` parameters; `1` when everything matches. */
  readonly where: string;
  readonly values: readonly (string | number)[];
}

/** One condition: it begins with its column, and has a parameter or (null) none. */
export type Part = readonly [sql: string, value: string | number | null];

/** A star at the end of a pattern stands for any text. Tasks of no index, or of several, match none. */
const AMONG_PATTERNS = `EXISTS (SELECT 1 FROM json_each(?) WHERE index_uid <> '' AND (value = index_uid
  OR (value LIKE '%*' AND substr(index_uid, 1, length(value) - 1) = substr(value, 1, length(value) - 1))))`;

export function withinPatternsPart(patterns: readonly string[]): Part {
  return [AMONG_PATTERNS, JSON.stringify(patterns)];
}

/** Only the tasks of the indexes that a key covers; null for a key that covers all. */
export function withinPatterns(
  condition: Condition,
  patterns: readonly string[] | null,
): Condition {
  if (patterns === null) return condition;
  return joined([condition], [withinPatternsPart(patterns)]);
}

export function among(column: string, list: readonly (string | number)[]): Part {
  return [`${column} IN (SELECT value FROM json_each(?))`, JSON.stringify(list)];
}

/** Public uids are one less than row ids. */
const rowIds = (uids: readonly number[]): readonly number[] => uids.map((uid) => uid + 1);

/** Exactly these tasks. */
export function taskUids(uids: readonly TaskUid[]): Condition {
  return joined([], [among("id", rowIds(uids))]);
}

/** Conditions that few tasks meet. */
export function pickedParts({ uids, batchUids, canceledBy }: TaskFilter): readonly Part[] {
  return [
    ...(uids === null ? [] : [among("id", rowIds(uids))]),
    // A task is its own batch, once it has left the queue.
    ...(batchUids === null
      ? []
      : [among("id", rowIds(batchUids)), ["status <> 'enqueued'", null] as const]),
    ...(canceledBy === null ? [] : [among("canceled_by", rowIds(canceledBy))]),
  ];
}

const TIMES = ["finished_at", "started_at", "enqueued_at"] as const;

export const isDated = (filter: TaskFilter): boolean => timeParts(filter).length > 0;

export function timeParts({ times }: TaskFilter): readonly Part[] {
  return TIMES.flatMap((column): readonly Part[] => {
    const { before, after } = times[column];
    return [
      ...(before === null ? [] : [[`${column} < ?`, before] as const]),
      ...(after === null ? [] : [[`${column} > ?`, after] as const]),
    ];
  });
}

export function taskCondition(filter: TaskFilter): Condition {
  const { types, statuses, indexUids } = filter;
  return joined(
    [],
    [
      ...pickedParts(filter),
      ...(types === null ? [] : [among("type", types)]),
      ...(statuses === null ? [] : [among("status", statuses)]),
      ...(indexUids === null ? [] : [among("index_uid", indexUids)]),
      ...timeParts(filter),
    ],
  );
}

/** All of them. */
export function joined(conditions: readonly Condition[], parts: readonly Part[]): Condition {
  const all = [...conditions.map(({ where }) => where), ...parts.map(([sql]) => sql)];
  return {
    where: all.length === 0 ? "1" : all.join(" AND "),
    values: [
      ...conditions.flatMap(({ values }) => values),
      ...parts.flatMap(([, value]) => (value === null ? [] : [value])),
    ],
  };
}
