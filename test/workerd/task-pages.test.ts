/** Pages and totals: what they hold, against a plain reading of all tasks, and how they find it. */
import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";

import { errorBody } from "../../worker/core/errors/api-error.ts";
import { indexUid as uidOf, instant, taskUid } from "../../worker/core/ids.ts";
import { parseTasksQuery } from "../../worker/core/query/parse-tasks.ts";
import type { Task } from "../../worker/core/tasks/task.ts";
import { TaskLog } from "../../worker/tasklog/task-log.ts";
import { pageQuery, totalQuery } from "../../worker/tasklog/task-pages.ts";

const tasks = new TaskLog(env.TASKS);
const TYPES = ["documentAdditionOrUpdate", "settingsUpdate", "indexSwap"] as const;
const INDEXES = ["movies", "books", "movies-2"] as const;
const COUNT = 120;
/** A day apart each, so that dates tell them apart. */
const timeOf = (i: number): number => Date.parse("2026-01-01T00:00:00Z") + i * 86_400_000;
let all: readonly Task[] = [];

beforeAll(async () => {
  for (let i = 0; i < COUNT; i += 1) {
    const type = TYPES[i % 3] ?? "indexSwap";
    const [uid = taskUid(-1)] = await tasks.register([
      {
        token: `page-${i}`,
        log: null,
        indexUid: type === "indexSwap" ? null : (INDEXES[(i >> 1) % 3] ?? null),
        type,
        details: null,
        customMetadata: null,
        enqueuedAt: instant(timeOf(i)),
      },
    ]);
    if (i % 5 === 4) continue;
    const times = { startedAt: instant(timeOf(i) + 1000), finishedAt: instant(timeOf(i + 3)) };
    await tasks.finish([
      i % 7 === 0
        ? { uid, status: "canceled", canceledBy: taskUid(3), details: null, error: null, ...times }
        : i % 4 === 0
          ? { uid, status: "failed", canceledBy: null, details: null, error: FAILURE, ...times }
          : { uid, status: "succeeded", canceledBy: null, details: null, error: null, ...times },
    ]);
  }
  all = await tasks.list(listing(""), { limit: 1000, from: null, reverse: false });
});

const FAILURE = errorBody("index_not_found", "gone");

const QUERIES = [
  "",
  "statuses=failed",
  "statuses=succeeded,failed",
  "statuses=processing",
  "types=settingsUpdate",
  "types=indexSwap,settingsUpdate&statuses=canceled",
  "indexUids=movies",
  "indexUids=movies,books&statuses=succeeded",
  "indexUids=nowhere",
  "indexUids=books&types=documentAdditionOrUpdate&statuses=failed,enqueued",
  "uids=1,5,9,100000",
  "uids=1,5,9&statuses=succeeded",
  "batchUids=4,5,6",
  "canceledBy=3",
  "canceledBy=3,4&indexUids=movies",
  "canceledBy=5",
  "beforeEnqueuedAt=2026-02-01",
  "afterEnqueuedAt=2026-02-01&beforeEnqueuedAt=2026-03-01",
  "afterStartedAt=2026-03-01",
  "beforeFinishedAt=2026-02-01&statuses=failed",
  "afterFinishedAt=2026-02-01&afterEnqueuedAt=2026-02-01&types=settingsUpdate&indexUids=movies",
  "uids=1,2,3,4,50&afterEnqueuedAt=2026-01-03&canceledBy=3",
];
const PATTERNS = [null, ["movies"], ["movies*"], ["nowhere", "b*"]];

function listing(query: string, patterns: readonly string[] | null = null, inBatches = false) {
  return { filter: parseTasksQuery(new URLSearchParams(query)).filter, patterns, inBatches };
}

/** The filter's meaning, task by task. */
function matches(task: Task, { filter, patterns, inBatches }: ReturnType<typeof listing>): boolean {
  const { uids, batchUids, canceledBy, types, statuses, indexUids, times } = filter;
  const within = (at: number | null, { before, after }: typeof times.enqueued_at): boolean =>
    (before === null || (at !== null && at < before)) &&
    (after === null || (at !== null && at > after));
  const covered = (pattern: string): boolean =>
    pattern.endsWith("*")
      ? task.indexUid?.startsWith(pattern.slice(0, -1)) === true
      : task.indexUid === pattern;
  return (
    (uids?.includes(task.uid) ?? true) &&
    (batchUids === null || (batchUids.includes(task.uid) && task.status !== "enqueued")) &&
    (canceledBy === null || (task.canceledBy !== null && canceledBy.includes(task.canceledBy))) &&
    (types?.includes(task.type) ?? true) &&
    (statuses?.includes(task.status) ?? true) &&
    (indexUids === null || (task.indexUid !== null && indexUids.includes(task.indexUid))) &&
    (patterns === null || patterns.some(covered)) &&
    (!inBatches || task.status !== "enqueued") &&
    within(task.enqueuedAt, times.enqueued_at) &&
    within(task.startedAt, times.started_at) &&
    within(task.finishedAt, times.finished_at)
  );
}

const cases = QUERIES.flatMap((query) =>
  PATTERNS.flatMap((patterns) =>
    [false, true].map((inBatches) => ({ query, patterns, inBatches })),
  ),
);

test.for(cases)("?$query of $patterns, in batches: $inBatches", async (one) => {
  const asked = listing(one.query, one.patterns, one.inBatches);
  const expected = all.filter((task) => matches(task, asked));
  expect(await tasks.total(asked)).toBe(expected.length);
  for (const reverse of [false, true]) {
    const ordered = reverse ? expected.toReversed() : expected;
    const whole = await tasks.list(asked, { limit: 1000, from: null, reverse });
    expect(whole).toEqual(ordered);
    const from = ordered[2]?.uid ?? 60;
    const rest = ordered.filter(({ uid }) => (reverse ? uid >= from : uid <= from));
    const page = await tasks.list(asked, { limit: 4, from, reverse });
    expect(page).toEqual(rest.slice(0, 5));
    await expectNoScan(pageQuery(asked, { limit: 4, from, reverse }));
    await expectNoScan(pageQuery(asked, { limit: 20, from: null, reverse }));
  }
  await expectNoScan(totalQuery(asked));
});

/** No step of the plan reads the table, or one of its indexes, from end to end. */
async function expectNoScan({ sql, values }: ReturnType<typeof pageQuery>): Promise<void> {
  const { results } = await env.TASKS.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...values)
    .all();
  const steps = results.map(({ detail }) => String(detail));
  expect(steps.filter((step) => /^SCAN tasks\b/.test(step))).toEqual([]);
  // Read by uid from one end, a page of times at the other end reads everything between.
  if (sql.includes("_at "))
    expect(steps.join("\n")).not.toMatch(/tasks USING INTEGER PRIMARY KEY \(rowid[<>]/);
}

test("totals follow every change", async () => {
  const total = (query: string) => tasks.total(listing(query));
  const before = await total("indexUids=movies");
  await tasks.rename(new Map([[uidOf("movies"), uidOf("books")]]), taskUid(COUNT));
  expect(await total("indexUids=movies")).toBe(0);
  expect(await total("indexUids=books")).toBe(
    before + all.filter(({ indexUid }) => indexUid === "books").length,
  );
  const condition = { where: "status = 'failed'", values: [] };
  const deleted = await tasks.delete(condition, taskUid(COUNT));
  expect(deleted).toBe(all.filter(({ status }) => status === "failed").length);
  expect(await total("statuses=failed")).toBe(0);
  expect(await total("")).toBe(all.length - deleted);
});
