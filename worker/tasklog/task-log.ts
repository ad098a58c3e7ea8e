/**
 * The task log in D1: history and queries. The only code that touches the `tasks` table. Registering
 * is repeatable (by token) and finishing too, so that a caller that lost an answer just calls again.
 */
import { z } from "zod";

import { errorBodySchema } from "../error-body-schema.ts";
import type { ErrorBody } from "../core/errors/api-error.ts";
import {
  instant,
  physicalUid,
  taskUid,
  type IndexUid,
  type Instant,
  type PhysicalUid,
  type TaskUid,
} from "../core/ids.ts";
import { pageQuery, totalQuery, type TaskListing } from "./task-pages.ts";
import type { Condition } from "./task-query.ts";
import type { TaskPage } from "../core/tasks/task-filter.ts";
import { TASK_STATUSES, type NewTask, type Task } from "../core/tasks/task.ts";

export interface FinishedTask {
  readonly uid: TaskUid;
  readonly status: "succeeded" | "failed" | "canceled";
  readonly canceledBy: TaskUid | null;
  readonly details: string | null;
  readonly error: ErrorBody | null;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
}

/** Not `ON CONFLICT DO NOTHING`: that uses up a number of AUTOINCREMENT and would leave a gap. */
const INSERT = `INSERT INTO tasks (token, log, index_uid, status, type, details, error, custom_metadata, enqueued_at, started_at, finished_at)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE token = ?1)`;

const FINISH = `UPDATE tasks SET status = ?2, details = ?3, error = ?4, started_at = ?5, finished_at = ?6, canceled_by = ?7
  WHERE id = ?1 AND status IN ('enqueued', 'processing')`;

/** Finds a row when tasks have ended that webhooks are to hear of. */
const OWED = "SELECT id FROM webhook_outbox LIMIT 1";

const idRow = z.object({ id: z.number() });

const totalRow = z.object({ total: z.number() });

const ownedRow = z.object({ id: z.number(), log: z.string().transform(physicalUid) });

const owningRow = z
  .object({ index_uid: z.string().nullable(), log: z.string().nullable() })
  .transform(({ index_uid, log }) => ({ indexUid: index_uid, log }));

export type OwnedTask = z.output<typeof owningRow>;

const taskRow = z.object({
  id: z.number(),
  index_uid: z.string().nullable(),
  status: z.enum(TASK_STATUSES),
  type: z.string(),
  canceled_by: z.number().nullable(),
  details: z.string().nullable(),
  error: z.string().nullable(),
  custom_metadata: z.string().nullable(),
  enqueued_at: z.number(),
  started_at: z.number().nullable(),
  finished_at: z.number().nullable(),
});

const instantOf = (ms: number | null): Instant | null => (ms === null ? null : instant(ms));

/** A public uid is the row's id less one: AUTOINCREMENT starts at 1, Meilisearch at 0. */
const uidOf = (id: number): TaskUid => taskUid(id - 1);

export function taskOf(row: unknown): Task {
  const parsed = taskRow.parse(row);
  return {
    uid: uidOf(parsed.id),
    indexUid: parsed.index_uid,
    status: parsed.status,
    type: parsed.type,
    canceledBy: parsed.canceled_by === null ? null : uidOf(parsed.canceled_by),
    details: parsed.details,
    error: parsed.error === null ? null : errorBodySchema.parse(JSON.parse(parsed.error)),
    customMetadata: parsed.custom_metadata,
    enqueuedAt: instant(parsed.enqueued_at),
    startedAt: instantOf(parsed.started_at),
    finishedAt: instantOf(parsed.finished_at),
  };
}

export class TaskLog {
  readonly #database: D1Database;
  readonly #onOwed: () => void;

  /** `onOwed` is called when tasks have ended that webhooks are to hear of. */
  constructor(database: D1Database, onOwed: () => void = () => {}) {
    this.#database = database;
    this.#onOwed = onOwed;
  }

  /** Registers tasks in the given order, atomically; answers their uids in that order. */
  async register(tasks: readonly NewTask[]): Promise<readonly TaskUid[]> {
    return await this.#insert(tasks.map((task) => this.#insertion(task, null)));
  }

  /** Registers a task that is already over: what one Meilisearch would fail when it runs it. */
  async registerFailed(task: NewTask, error: ErrorBody): Promise<TaskUid> {
    const [uid] = await this.#insert([this.#insertion(task, error)]);
    if (uid === undefined) throw new Error("a registered task has a uid");
    if ((await this.#database.prepare(OWED).first()) !== null) this.#onOwed();
    return uid;
  }

  /** Writes outcomes; a task that is over already keeps its first outcome. */
  async finish(tasks: readonly FinishedTask[]): Promise<void> {
    const finishes = tasks.map((task) =>
      this.#database
        .prepare(FINISH)
        .bind(
          task.uid + 1,
          task.status,
          task.details,
          task.error === null ? null : JSON.stringify(task.error),
          task.startedAt,
          task.finishedAt,
          task.canceledBy === null ? null : task.canceledBy + 1,
        ),
    );
    const results = await this.#database.batch([...finishes, this.#database.prepare(OWED)]);
    if ((results.at(-1)?.results.length ?? 0) > 0) this.#onOwed();
  }

  /** Another log carries out what this one had not finished. */
  async relocate(from: PhysicalUid, to: PhysicalUid): Promise<void> {
    await this.#database
      .prepare("UPDATE tasks SET log = ?2 WHERE status IN ('enqueued', 'processing') AND log = ?1")
      .bind(from, to)
      .run();
  }

  async get(uid: TaskUid): Promise<Task | undefined> {
    const row = await this.#database
      .prepare("SELECT * FROM tasks WHERE id = ?1")
      .bind(uid + 1)
      .first();
    return row === null ? undefined : taskOf(row);
  }

  /** The highest uid there is: a task that deletes others comes after them. */
  async newest(): Promise<TaskUid | undefined> {
    const row = await this.#database
      .prepare("SELECT id FROM tasks ORDER BY id DESC LIMIT 1")
      .first();
    return row === null ? undefined : uidOf(idRow.parse(row).id);
  }

  /** The index of a task, and the log that carries it out. */
  async owned(uid: TaskUid): Promise<OwnedTask | undefined> {
    const row = await this.#database
      .prepare("SELECT index_uid, log FROM tasks WHERE id = ?1")
      .bind(uid + 1)
      .first();
    return row === null ? undefined : owningRow.parse(row);
  }

  /** One page, in its order, and one task more when there is a next page. */
  async list(listing: TaskListing, page: TaskPage): Promise<readonly Task[]> {
    const { sql, values } = pageQuery(listing, page);
    const { results } = await this.#database
      .prepare(sql)
      .bind(...values)
      .all();
    return results.map(taskOf);
  }

  /** How many tasks all its pages have together. */
  async total(listing: TaskListing): Promise<number> {
    const { sql, values } = totalQuery(listing);
    const row = await this.#database
      .prepare(sql)
      .bind(...values)
      .first();
    return totalRow.parse(row).total;
  }

  /** How many tasks before `uid` match. */
  async countBefore(condition: Condition, uid: TaskUid): Promise<number> {
    const row = await this.#database
      .prepare(`SELECT COUNT(*) AS total FROM tasks WHERE ${condition.where} AND id <= ?`)
      .bind(...condition.values, uid)
      .first();
    return totalRow.parse(row).total;
  }

  /** The logs that carry out unfinished tasks before `uid` that match, each with their uids. */
  async unfinished(
    condition: Condition,
    before: TaskUid,
  ): Promise<ReadonlyMap<PhysicalUid, readonly TaskUid[]>> {
    const { results } = await this.#database
      .prepare(
        `SELECT id, log FROM tasks WHERE ${condition.where} AND id <= ? AND log IS NOT NULL AND status IN ('enqueued', 'processing')`,
      )
      .bind(...condition.values, before)
      .all();
    const byLog = new Map<PhysicalUid, TaskUid[]>();
    for (const row of results) {
      const { id, log } = ownedRow.parse(row);
      byLog.set(log, [...(byLog.get(log) ?? []), uidOf(id)]);
    }
    return byLog;
  }

  /** Deletes finished tasks before `uid` that match; how many there were. */
  async delete(condition: Condition, before: TaskUid): Promise<number> {
    const where = `${condition.where} AND id <= ? AND status NOT IN ('enqueued', 'processing')`;
    const values = [...condition.values, before];
    // Counted in the same transaction: the deletion's own number includes the counters' rows.
    const [counted] = await this.#database.batch([
      this.#database.prepare(`SELECT COUNT(*) AS total FROM tasks WHERE ${where}`).bind(...values),
      this.#database.prepare(`DELETE FROM tasks WHERE ${where}`).bind(...values),
    ]);
    return totalRow.parse(counted?.results[0]).total;
  }

  /** As Meilisearch does: after a swap or a rename, the tasks before it speak of the new names. */
  async rename(names: ReadonlyMap<IndexUid, IndexUid>, before: TaskUid): Promise<void> {
    const pairs = JSON.stringify(Object.fromEntries(names));
    await this.#database
      .prepare(
        `UPDATE tasks SET index_uid = (SELECT value FROM json_each(?1) WHERE key = index_uid)
         WHERE id <= ?2 AND index_uid IN (SELECT key FROM json_each(?1))`,
      )
      .bind(pairs, before)
      .run();
  }

  #insertion(task: NewTask, error: ErrorBody | null): readonly [string, D1PreparedStatement] {
    const over = error === null ? null : task.enqueuedAt;
    const statement = this.#database
      .prepare(INSERT)
      .bind(
        task.token,
        task.log,
        task.indexUid,
        error === null ? "enqueued" : "failed",
        task.type,
        task.details,
        error === null ? null : JSON.stringify(error),
        task.customMetadata,
        task.enqueuedAt,
        over,
        over,
      );
    return [task.token, statement];
  }

  async #insert(
    insertions: readonly (readonly [string, D1PreparedStatement])[],
  ): Promise<readonly TaskUid[]> {
    const results = await this.#database.batch(
      insertions.flatMap(([token, insert]) => [
        insert,
        this.#database.prepare("SELECT id FROM tasks WHERE token = ?1").bind(token),
      ]),
    );
    return results
      .filter((_, position) => position % 2 === 1)
      .map(({ results: [row] }) => uidOf(idRow.parse(row).id));
  }
}
