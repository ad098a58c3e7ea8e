/** Backup jobs that are not over: written before they are answered, removed when their task has ended. */
import { z } from "zod";

import { instant, taskUid, type Instant, type TaskUid } from "../../worker/core/ids.ts";

const exported = z.object({ filter: z.string().nullable(), overrideSettings: z.boolean() });

const request = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("dumpCreation") }),
  z.object({ kind: z.literal("snapshotCreation") }),
  z.object({
    kind: z.literal("export"),
    url: z.string(),
    apiKey: z.string().nullable(),
    payloadSize: z.number().nullable(),
    indexes: z.record(z.string(), exported),
  }),
]);

export type JobRequest = z.infer<typeof request>;

export interface Job {
  readonly token: string;
  readonly request: JobRequest;
  readonly uid: TaskUid | null;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  /** Attempts that failed. */
  readonly failures: number;
}

const jobRow = z.object({
  token: z.string(),
  request: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(request),
  uid: z.number().transform(taskUid).nullable(),
  created_at: z.number().transform(instant),
  started_at: z.number().transform(instant).nullable(),
  failures: z.number(),
});

const factRow = z.object({ value: z.string() });

export class JobStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS jobs (
        position INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, request TEXT NOT NULL, uid INTEGER,
        created_at INTEGER NOT NULL, started_at INTEGER, failures INTEGER NOT NULL DEFAULT 0);
      CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);`);
  }

  add(token: string, wanted: JobRequest, now: number): void {
    this.#sql.exec(
      "INSERT INTO jobs (token, request, created_at) VALUES (?, ?, ?)",
      token,
      JSON.stringify(wanted),
      now,
    );
  }

  /** The oldest first. */
  all(): readonly Job[] {
    return this.#sql.exec("SELECT * FROM jobs ORDER BY position").toArray().map(jobOf);
  }

  setUid(token: string, uid: TaskUid): void {
    this.#sql.exec("UPDATE jobs SET uid = ? WHERE token = ?", uid, token);
  }

  /** The first start counts. */
  setStarted(token: string, now: number): void {
    this.#sql.exec(
      "UPDATE jobs SET started_at = COALESCE(started_at, ?) WHERE token = ?",
      now,
      token,
    );
  }

  countFailure(token: string): void {
    this.#sql.exec("UPDATE jobs SET failures = failures + 1 WHERE token = ?", token);
  }

  remove(token: string): void {
    this.#sql.exec("DELETE FROM jobs WHERE token = ?", token);
  }

  /** A name that this cluster keeps for life, made when it is first asked for. */
  instanceUid(make: () => string): string {
    this.#sql.exec("INSERT OR IGNORE INTO facts VALUES ('instanceUid', ?)", make());
    const row = this.#sql.exec("SELECT value FROM facts WHERE name = 'instanceUid'").one();
    return factRow.parse(row).value;
  }
}

function jobOf(row: unknown): Job {
  const { created_at: createdAt, started_at: startedAt, ...rest } = jobRow.parse(row);
  return { ...rest, createdAt, startedAt };
}
