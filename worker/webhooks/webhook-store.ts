/** Webhooks in D1, next to the tasks that they are told of. */
import { z } from "zod";

import { WEBHOOKS_MAX } from "../core/webhooks/change-webhook.ts";
import type { Webhook, WebhookUuid } from "../core/webhooks/webhook.ts";

const headersText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.record(z.string(), z.string()));

const webhookRow = z.object({ uuid: z.string(), url: z.string(), headers: headersText });

export class WebhookStore {
  readonly #database: D1Database;

  constructor(database: D1Database) {
    this.#database = database;
  }

  /** In the order of their uuids, as Meilisearch lists them. */
  async all(): Promise<readonly Webhook[]> {
    const { results } = await this.#database.prepare("SELECT * FROM webhooks ORDER BY uuid").all();
    return results.map((row) => webhookRow.parse(row));
  }

  async get(uuid: WebhookUuid): Promise<Webhook | undefined> {
    const row = await this.#database
      .prepare("SELECT * FROM webhooks WHERE uuid = ?")
      .bind(uuid)
      .first();
    return row === null ? undefined : webhookRow.parse(row);
  }

  /** It hears of tasks that end from now on; false when there are too many webhooks. */
  async add({ uuid, url, headers }: Webhook): Promise<boolean> {
    const { meta } = await this.#database
      .prepare(
        `INSERT INTO webhooks (uuid, url, headers, sent_to)
         SELECT ?1, ?2, ?3, (SELECT COALESCE(MAX(id), 0) FROM webhook_outbox)
         WHERE (SELECT COUNT(*) FROM webhooks) < ?4`,
      )
      .bind(uuid, url, JSON.stringify(headers), WEBHOOKS_MAX)
      .run();
    return meta.changes > 0;
  }

  async replace({ uuid, url, headers }: Webhook): Promise<void> {
    await this.#database
      .prepare("UPDATE webhooks SET url = ?2, headers = ?3 WHERE uuid = ?1")
      .bind(uuid, url, JSON.stringify(headers))
      .run();
  }

  /** False when there is none. */
  async remove(uuid: WebhookUuid): Promise<boolean> {
    const { meta } = await this.#database
      .prepare("DELETE FROM webhooks WHERE uuid = ?")
      .bind(uuid)
      .run();
    return meta.changes > 0;
  }
}
