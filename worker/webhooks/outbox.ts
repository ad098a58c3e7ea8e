/**
 * What webhooks are owed: rows of the outbox that D1 fills when tasks end. Read in order from each
 * webhook's own place, and dropped when every webhook has had them.
 */
import { z } from "zod";

import { taskView } from "../core/tasks/task.ts";
import type { Webhook } from "../core/webhooks/webhook.ts";
import { taskOf } from "../tasklog/task-log.ts";

/** Tasks that travel in one request. */
const TASKS_MAX = 500;

export interface Parcel {
  /** The tasks as Meilisearch sends them: one JSON text per line. */
  readonly lines: string;
  /** The row of the outbox that the parcel ends with. */
  readonly to: number;
}

const owedRow = z.object({ outbox_id: z.number() });
const isOwed = z.object({ owed: z.number() });

export class Outbox {
  readonly #database: D1Database;

  constructor(database: D1Database) {
    this.#database = database;
  }

  /** Whether there is anything to send, to anybody. */
  async isFilled(): Promise<boolean> {
    const row = await this.#database
      .prepare("SELECT EXISTS (SELECT 1 FROM webhook_outbox) AS owed")
      .first();
    return isOwed.parse(row).owed === 1;
  }

  /** The next tasks for a webhook; undefined when it has had all. */
  async next({ uuid }: Webhook): Promise<Parcel | undefined> {
    const { results } = await this.#database
      .prepare(
        `SELECT o.id AS outbox_id, t.* FROM webhook_outbox o JOIN tasks t ON t.id = o.task
         WHERE o.id > (SELECT sent_to FROM webhooks WHERE uuid = ?) ORDER BY o.id LIMIT ${TASKS_MAX}`,
      )
      .bind(uuid)
      .all();
    const last = results.at(-1);
    if (last === undefined) return undefined;
    const lines = results.map((row) => `${taskView(taskOf(row))}\n`).join("");
    return { lines, to: owedRow.parse(last).outbox_id };
  }

  async sent({ uuid }: Webhook, to: number): Promise<void> {
    await this.#database
      .prepare("UPDATE webhooks SET sent_to = MAX(sent_to, ?2) WHERE uuid = ?1")
      .bind(uuid, to)
      .run();
  }

  /** A webhook that is given up loses what it was owed until now. */
  async forget({ uuid }: Webhook): Promise<void> {
    await this.#database
      .prepare(
        "UPDATE webhooks SET sent_to = (SELECT COALESCE(MAX(id), 0) FROM webhook_outbox) WHERE uuid = ?",
      )
      .bind(uuid)
      .run();
  }

  /** Drops what everybody has had. */
  async trim(): Promise<void> {
    await this.#database
      .prepare(
        "DELETE FROM webhook_outbox WHERE NOT EXISTS (SELECT 1 FROM webhooks WHERE sent_to < webhook_outbox.id)",
      )
      .run();
  }
}
