/** Numbers for `GET /metrics` that live in D1: the shared request counts, and the tasks. */
import { z } from "zod";

import type { Count } from "../core/metrics/request-counts.ts";
import type { Gathered } from "../core/metrics/families.ts";

/** Travels as one JSON parameter: D1 takes 100. */
const ADD = `INSERT INTO request_metrics (name, method, path, label, value)
  SELECT value ->> 'name', value ->> 'method', value ->> 'path', value ->> 'label', value ->> 'value'
  FROM json_each(?) WHERE true
  ON CONFLICT DO UPDATE SET value = value + excluded.value`;

const countRow = z.object({
  name: z.enum(["requests", "bucket", "seconds", "timed"]),
  method: z.string(),
  path: z.string(),
  label: z.string(),
  value: z.number(),
});

const groupRow = z.object({ key: z.string().nullable(), value: z.number() });
const oldestRow = z.object({ oldest: z.number().nullable() });

export class MetricsStore {
  readonly #database: D1Database;

  constructor(database: D1Database) {
    this.#database = database;
  }

  async add(counts: readonly Count[]): Promise<void> {
    if (counts.length === 0) return;
    await this.#database.prepare(ADD).bind(JSON.stringify(counts)).run();
  }

  async counts(): Promise<readonly Count[]> {
    const { results } = await this.#database
      .prepare("SELECT * FROM request_metrics ORDER BY name, method, path, label")
      .all();
    return results.map((row) => countRow.parse(row));
  }

  /** Tasks by status, type and index, and how long the oldest one waits at `now`. */
  async tasks(now: number): Promise<Gathered["tasks"]> {
    const grouped = (column: string): D1PreparedStatement =>
      this.#database.prepare(
        `SELECT ${column} AS key, COUNT(*) AS value FROM tasks GROUP BY ${column}`,
      );
    const [statuses, types, indexes, oldest] = await this.#database.batch([
      grouped("status"),
      grouped("type"),
      grouped("index_uid"),
      this.#database.prepare(
        "SELECT MIN(enqueued_at) AS oldest FROM tasks WHERE status = 'enqueued'",
      ),
    ]);
    const since = oldestRow.parse(oldest?.results[0]).oldest;
    return {
      statuses: groups(statuses),
      types: groups(types),
      indexes: groups(indexes),
      latency: since === null ? 0 : Math.max(0, now - since) / 1000,
    };
  }
}

function groups(result: D1Result | undefined): ReadonlyMap<string, number> {
  const rows = (result?.results ?? []).map((row) => groupRow.parse(row));
  return new Map(rows.flatMap(({ key, value }) => (key === null ? [] : [[key, value] as const])));
}
