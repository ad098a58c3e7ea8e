/**
 * `npm run bench:tasks`: a task log of a million tasks in a local D1, and how long one page of every
 * kind of listing takes with its total. `--count` for another size, `--write` into docs.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_splitSqlQuery } from "wrangler";

import { parseTasksQuery } from "../worker/core/query/parse-tasks.ts";
import { pageQuery, totalQuery, type Query } from "../worker/tasklog/task-pages.ts";
import { PROJECT } from "./wrangler.ts";

const CHUNK = 50_000;
const ROUNDS = 5;
/** The tasks are a second apart. */
const FIRST_MS = Date.parse("2026-01-01T00:00:00Z");

const QUERIES = [
  "",
  "from=500000",
  "reverse=true",
  "statuses=succeeded",
  "statuses=failed",
  "statuses=processing",
  "statuses=enqueued,processing",
  "types=settingsUpdate",
  "types=indexSwap",
  "indexUids=index-7",
  "indexUids=index-7,index-8,index-9&statuses=failed",
  "indexUids=index-7&types=documentDeletion&statuses=canceled&from=400000",
  "uids=1,1000,500000",
  "canceledBy=42",
  "afterEnqueuedAt=2026-01-12T12:00:00Z",
  "beforeEnqueuedAt=2026-01-01T00:10:00Z",
  "beforeFinishedAt=2026-01-06&statuses=failed",
  "afterFinishedAt=2026-01-03&beforeFinishedAt=2026-01-06",
  "beforeFinishedAt=2027-01-01",
  "beforeStartedAt=2027-01-01&statuses=failed&indexUids=index-7",
  "limit=1000&statuses=succeeded",
] as const;

/** By position `n` from 1: what stands in each column. */
const FILL = `WITH RECURSIVE numbers (n) AS (SELECT CAST(?1 AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2),
  kinds AS (SELECT n, (n * 2654435761 >> 16) % 1000 AS r, CAST(?3 AS INTEGER) + n * 1000 AS at FROM numbers)
  INSERT INTO tasks (token, log, index_uid, status, type, canceled_by, details, enqueued_at, started_at, finished_at)
  SELECT 'task-' || n, NULL,
    CASE WHEN r = 999 THEN NULL ELSE 'index-' || (n % 50) END,
    CASE WHEN n > ?4 - 1000 THEN 'enqueued' WHEN r < 20 THEN 'failed' WHEN r < 25 THEN 'canceled' ELSE 'succeeded' END,
    CASE WHEN r = 999 THEN 'indexSwap' WHEN r % 10 < 7 THEN 'documentAdditionOrUpdate' WHEN r % 10 < 9 THEN 'documentDeletion' ELSE 'settingsUpdate' END,
    CASE WHEN n <= ?4 - 1000 AND r BETWEEN 20 AND 24 THEN 1 + n % 100 END,
    '{"receivedDocuments":100,"indexedDocuments":100}', at,
    CASE WHEN n <= ?4 - 1000 THEN at + 500 END,
    CASE WHEN n <= ?4 - 1000 THEN at + 900 END
  FROM kinds`;

const HEADER = `# Listing a long history of tasks

Written by \`npm run bench:tasks -- --write\`: the queries of \`GET /tasks\`, page and total apart, on a local D1. What is measured is the
database's work and one hop to it, without HTTP. Status, type and index are walked by group and counted by triggers, so they do not grow
with the history. A range of times costs as much as it matches: its index is read once for the page and once for the total.
`;

const { values } = parseArgs({
  options: { count: { type: "string", default: "1000000" }, write: { type: "boolean" } },
});
const count = Number(values.count);
const folder = mkdtempSync(join(tmpdir(), "miroir-tasks-"));
const none = { type: "ESModule" as const, path: "none.js", contents: "export default {};" };
const miniflare = new Miniflare({
  ...convertV4MiniflareOptions({
    workers: [{ name: "tasks", modules: [none], d1Databases: { TASKS: "tasks" } }],
  }),
  cf: false,
  log: new Log(LogLevel.WARN),
  resourcePersistencePath: folder,
  telemetry: { enabled: false },
  enableDevRegistry: false,
});
const database = await miniflare.getD1Database("TASKS");

try {
  await bench();
} finally {
  await miniflare.dispose();
  rmSync(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const migrations = join(PROJECT, "migrations");
  for (const file of readdirSync(migrations).toSorted()) {
    const sql = readFileSync(join(migrations, file), "utf8");
    await database.batch(unstable_splitSqlQuery(sql).map((one) => database.prepare(one)));
  }
  const began = performance.now();
  for (let from = 1; from <= count; from += CHUNK) {
    const to = Math.min(count, from + CHUNK - 1);
    await database.prepare(FILL).bind(from, to, FIRST_MS, count).run();
  }
  const filledS = (performance.now() - began) / 1000;
  const rows: string[] = [];
  for (const text of QUERIES) rows.push(await measured(text));
  const report = `${HEADER}\n${count.toLocaleString("en")} tasks, filled in ${filledS.toFixed(0)} s; medians of ${ROUNDS}, in milliseconds.\n\n| query | page | total | tasks that match |\n| --- | ---: | ---: | ---: |\n${rows.join("\n")}\n`;
  process.stdout.write(report);
  if (values.write === true) writeFileSync(join(PROJECT, "docs/task-listing.md"), report);
}

async function measured(text: string): Promise<string> {
  const { filter, page } = parseTasksQuery(new URLSearchParams(text));
  const listing = { filter, patterns: null, inBatches: false };
  const pages: number[] = [];
  const totals: number[] = [];
  let total = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    await rowsOf(pageQuery(listing, page));
    const listed = performance.now();
    const [row] = await rowsOf(totalQuery(listing));
    total = Number(row?.["total"]);
    pages.push(listed - start);
    totals.push(performance.now() - listed);
  }
  return `| \`${text === "" ? "(none)" : text}\` | ${median(pages)} | ${median(totals)} | ${total.toLocaleString("en")} |`;
}

async function rowsOf({ sql, values: bound }: Query) {
  const { results } = await database
    .prepare(sql)
    .bind(...bound)
    .all();
  return results;
}

function median(times: readonly number[]): string {
  return (times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0).toFixed(1);
}
