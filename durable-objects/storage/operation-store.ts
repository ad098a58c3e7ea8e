/**
 * Cluster-wide tasks that are under way: written with what they decided, before they act, and
 * removed when the task log has their end. So a restart carries them on.
 */
import { z } from "zod";

import { errorBodySchema } from "../../worker/error-body-schema.ts";
import {
  indexUid,
  instant,
  logOffset,
  physicalUid,
  taskUid,
  type Instant,
  type LogOffset,
  type TaskUid,
} from "../../worker/core/ids.ts";

const uids = z.array(z.number()).readonly().nullable();
const names = z.array(z.string()).readonly().nullable();
const range = z.object({ before: z.number().nullable(), after: z.number().nullable() });

const filter = z.object({
  uids,
  batchUids: uids,
  canceledBy: uids,
  types: names,
  statuses: names,
  indexUids: names,
  times: z.object({ enqueued_at: range, started_at: range, finished_at: range }),
});

const selection = {
  filter,
  /** Index patterns that the caller's key covers; null for all. */
  patterns: names,
  /** The query string, as the details show it. */
  originalFilter: z.string(),
};

const operation = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("cancelTasks"), ...selection }),
  z.object({ kind: z.literal("deleteTasks"), ...selection }),
  z.object({
    kind: z.literal("changeRule"),
    uid: z.string(),
    /** JSON text; null deletes the rule. */
    patch: z.string().nullable(),
    customMetadata: z.string().nullable(),
  }),
  z.object({ kind: z.literal("clearRules"), customMetadata: z.string().nullable() }),
  z.object({
    kind: z.literal("renameIndexes"),
    type: z.enum(["indexSwap", "indexUpdate"]),
    indexUid: z.string().transform(indexUid).nullable(),
    details: z.string(),
    /** The primary key that the renamed index gets; null leaves it as it is. */
    primaryKey: z.string().nullable().default(null),
    /** Physical index and the name that it gets, or why none gets one. */
    renaming: z.union([
      errorBodySchema,
      z.array(z.tuple([z.string().transform(physicalUid), z.string().transform(indexUid)])),
    ]),
    /** Uids of tasks in the history, and what they become. */
    history: z.array(z.tuple([z.string().transform(indexUid), z.string().transform(indexUid)])),
  }),
]);

export type ClusterOperation = z.infer<typeof operation>;

/** A log, and the offset up to which it must have finished first. */
const fences = z.array(
  z.tuple([z.string().transform(physicalUid), z.number().transform(logOffset)]),
);
export type Fences = z.infer<typeof fences>;

const row = z.object({
  token: z.string(),
  operation: z.string(),
  fences: z.string().nullable(),
  uid: z.number().transform(taskUid).nullable(),
  created_at: z.number().transform(instant),
});

export interface PendingOperation {
  readonly token: string;
  readonly operation: ClusterOperation;
  /** Null until every log has said where it stands. */
  readonly fences: Fences | null;
  readonly uid: TaskUid | null;
  readonly createdAt: Instant;
}

export class OperationStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS operations (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL UNIQUE, operation TEXT NOT NULL,
      fences TEXT, uid INTEGER, created_at INTEGER NOT NULL);`);
  }

  add(token: string, added: ClusterOperation, now: number): void {
    this.#sql.exec(
      "INSERT INTO operations (token, operation, created_at) VALUES (?, ?, ?)",
      token,
      JSON.stringify(added),
      now,
    );
  }

  /** In the order in which they were added. */
  all(): readonly PendingOperation[] {
    return this.#sql
      .exec("SELECT token, operation, fences, uid, created_at FROM operations ORDER BY seq")
      .toArray()
      .map((stored) => {
        const parsed = row.parse(stored);
        return {
          token: parsed.token,
          operation: operation.parse(JSON.parse(parsed.operation)),
          fences: parsed.fences === null ? null : fences.parse(JSON.parse(parsed.fences)),
          uid: parsed.uid,
          createdAt: parsed.created_at,
        };
      });
  }

  setUid(token: string, uid: TaskUid): void {
    this.#sql.exec("UPDATE operations SET uid = ? WHERE token = ?", uid, token);
  }

  setFences(token: string, fence: readonly (readonly [string, LogOffset])[]): void {
    this.#sql.exec(
      "UPDATE operations SET fences = ? WHERE token = ?",
      JSON.stringify(fence),
      token,
    );
  }

  remove(token: string): void {
    this.#sql.exec("DELETE FROM operations WHERE token = ?", token);
  }
}
