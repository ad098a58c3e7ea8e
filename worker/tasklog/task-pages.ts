/**
 * The SQL of a page of tasks and of its total. Neither reads the whole history: what filters tell
 * apart (status, type, index) is walked group by group through an index, newest first, and totals
 * come from the counters that triggers keep. What only some tasks have (a uid, a canceler, a time in
 * a range) is found by its own index, and costs as much as it matches.
 */
import type { TaskFilter, TaskPage } from "../core/tasks/task-filter.ts";
import {
  among,
  isDated,
  joined,
  pickedParts,
  timeParts,
  withinPatternsPart,
  type Part,
} from "./task-query.ts";

export interface TaskListing {
  readonly filter: TaskFilter;
  /** Index patterns that the caller's key covers; null for all. */
  readonly patterns: readonly string[] | null;
  /** Only what has left the queue, and so is in a batch. */
  readonly inBatches: boolean;
}

export interface Query {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** One row more than the page holds, to know where the next one starts. */
export function pageQuery(listing: TaskListing, page: TaskPage): Query {
  const limit = page.limit + 1;
  const order = page.reverse ? "ASC" : "DESC";
  if (isPicked(listing.filter)) {
    const [from, first] = start(page);
    // The pluses leave the choice of an index to the first condition: by uid, a page of old tasks
    // would be looked for among all newer ones.
    const parts = [...pickedBy(listing.filter), [`+${from}`, first] as const, ...rest(listing)];
    const { where, values } = joined([], parts);
    const sql = `SELECT * FROM tasks WHERE id IN (SELECT id FROM tasks WHERE ${where}
      ORDER BY +id ${order} LIMIT ${limit}) ORDER BY id ${order}`;
    return { sql, values };
  }
  const groups = groupParts(listing);
  if (groups.length > 0) return walk(groups, listing, page, limit);
  const { where, values } = joined([], [start(page)]);
  return { sql: `SELECT * FROM tasks WHERE ${where} ORDER BY id ${order} LIMIT ${limit}`, values };
}

export function totalQuery(listing: TaskListing): Query {
  if (isPicked(listing.filter)) {
    const { where, values } = joined([], [...pickedBy(listing.filter), ...rest(listing)]);
    return { sql: `SELECT COUNT(*) AS total FROM tasks WHERE ${where}`, values };
  }
  const { where, values } = joined([], groupParts(listing));
  return { sql: `SELECT TOTAL(count) AS total FROM task_counts WHERE ${where}`, values };
}

/**
 * Each step takes the next task among the heads of all groups, so a page costs as many look-ups as
 * it has tasks times the groups that match: a few statuses and types, times the indexes asked for.
 */
function walk(groups: readonly Part[], listing: TaskListing, page: TaskPage, limit: number): Query {
  const { where, values } = joined([], groups);
  const byIndex = namesIndexes(listing) ? ["index_uid"] : [];
  const columns = [...byIndex, "status", "type"];
  const [nearest, next] = page.reverse ? ["MIN", ">"] : ["MAX", "<"];
  const head = (bound: string): string =>
    `(SELECT ${nearest}((SELECT ${nearest}(id) FROM tasks
      WHERE ${columns.map((name) => `tasks.${name} = groups.${name}`).join(" AND ")} AND ${bound})) FROM groups)`;
  const [from, first] = start(page);
  const sql = `WITH RECURSIVE
    groups AS MATERIALIZED (SELECT DISTINCT ${columns.join(", ")} FROM task_counts WHERE count > 0 AND ${where}),
    page (id, position) AS (
      SELECT ${head(from)}, 1
      UNION ALL
      SELECT ${head(`tasks.id ${next} page.id`)}, position + 1 FROM page WHERE page.id IS NOT NULL AND position < ${limit}
    )
    SELECT tasks.* FROM page CROSS JOIN tasks ON tasks.id = page.id ORDER BY position`;
  return { sql, values: [...values, first] };
}

/** Conditions that look at the columns of a group only. */
function groupParts({ filter, patterns, inBatches }: TaskListing): readonly Part[] {
  const { statuses, types, indexUids } = filter;
  return [
    ...(statuses === null ? [] : [among("status", statuses)]),
    ...(types === null ? [] : [among("type", types)]),
    ...(indexUids === null ? [] : [among("index_uid", indexUids)]),
    ...(patterns === null ? [] : [withinPatternsPart(patterns)]),
    ...(inBatches ? [["status <> 'enqueued'", null] as const] : []),
  ];
}

/** The same for one task. */
function rest(listing: TaskListing): readonly Part[] {
  return groupParts(listing).map(([sql, value]) => [
    sql.replace(/^(status|type|index_uid) /, "+$1 "),
    value,
  ]);
}

const namesIndexes = ({ filter, patterns }: TaskListing): boolean =>
  filter.indexUids !== null || patterns !== null;

function isPicked(filter: TaskFilter): boolean {
  const { uids, batchUids, canceledBy } = filter;
  return uids !== null || batchUids !== null || canceledBy !== null || isDated(filter);
}

/** The most selective of them by its index, the others task by task. */
function pickedBy(filter: TaskFilter): readonly Part[] {
  const picked = pickedParts(filter);
  const [first, ...others] = [...picked, ...timeParts(filter)];
  if (first === undefined) return [];
  const [column] = first[0].split(" ");
  return [
    first,
    ...others.map(([sql, value]): Part => [sql.startsWith(`${column} `) ? sql : `+${sql}`, value]),
  ];
}

/** Where the page starts. */
function start({ from, reverse }: TaskPage): readonly [string, number] {
  if (reverse) return ["tasks.id >= ?", from === null ? 0 : from + 1];
  return ["tasks.id <= ?", from === null ? Number.MAX_SAFE_INTEGER : from + 1];
}
