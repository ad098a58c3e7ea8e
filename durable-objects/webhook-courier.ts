/**
 * Sends finished tasks to webhooks, each at its own pace: at least once, in order, tried again with
 * growing pauses, given up after many failures. Nothing waits for it: whoever ends a task only wakes
 * it, and its alarm and Cron do when that was lost.
 */
import { DurableObject } from "cloudflare:workers";
import { z } from "zod";

import { WEBHOOK_FAILURES_MAX, webhookPauseMs } from "../worker/core/webhooks/retry.ts";
import type { Webhook } from "../worker/core/webhooks/webhook.ts";
import type { Env } from "../worker/env.ts";
import { Outbox, type Parcel } from "../worker/webhooks/outbox.ts";
import { postTasks } from "../worker/webhooks/post-tasks.ts";
import { WebhookStore } from "../worker/webhooks/webhook-store.ts";

/** Until the alarm looks after work that an eviction interrupted. */
const BACKSTOP_MS = 60_000;

const troubleRow = z.object({ uuid: z.string(), failures: z.number(), next_at: z.number() });

export class WebhookCourier extends DurableObject<Env> {
  readonly #sql: SqlStorage;
  readonly #webhooks: WebhookStore;
  readonly #outbox: Outbox;
  #running: Promise<void> | undefined;
  #wokenAgain = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS trouble (uuid TEXT PRIMARY KEY, failures INTEGER NOT NULL, next_at INTEGER NOT NULL)",
    );
    this.#webhooks = new WebhookStore(env.TASKS);
    this.#outbox = new Outbox(env.TASKS);
  }

  /** There may be something to send; answers before it is sent. */
  wake(): void {
    this.ctx.waitUntil(this.#run());
  }

  override async alarm(): Promise<void> {
    await this.#run();
  }

  async #run(): Promise<void> {
    this.#wokenAgain = true;
    this.#running ??= this.#rounds().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #rounds(): Promise<void> {
    while (this.#wokenAgain) {
      this.#wokenAgain = false;
      if (!(await this.#outbox.isFilled())) continue;
      await this.ctx.storage.setAlarm(Date.now() + BACKSTOP_MS);
      const webhooks = await this.#webhooks.all();
      await Promise.all(webhooks.map((webhook) => this.#serve(webhook)));
      await this.#outbox.trim();
      await this.#setAlarm();
    }
  }

  /** Sends all that a webhook is owed, or as much as it takes. */
  async #serve(webhook: Webhook): Promise<void> {
    if (this.#trouble(webhook).next_at > Date.now()) return;
    for (;;) {
      const parcel = await this.#outbox.next(webhook);
      if (parcel === undefined || !(await this.#send(webhook, parcel))) return;
    }
  }

  async #send(webhook: Webhook, { lines, to }: Parcel): Promise<boolean> {
    const problem = await postTasks(webhook, lines);
    if (problem === undefined) {
      this.#sql.exec("DELETE FROM trouble WHERE uuid = ?", webhook.uuid);
      await this.#outbox.sent(webhook, to);
      return true;
    }
    const failures = this.#trouble(webhook).failures + 1;
    const isGivenUp = failures >= WEBHOOK_FAILURES_MAX;
    // oxlint-disable-next-line no-console -- the log that an operator reads
    console.log(
      JSON.stringify({
        event: "webhook_failed",
        webhook: webhook.uuid,
        failures,
        isGivenUp,
        problem,
      }),
    );
    if (isGivenUp) {
      this.#sql.exec("DELETE FROM trouble WHERE uuid = ?", webhook.uuid);
      await this.#outbox.forget(webhook);
      return false;
    }
    const nextAt = Date.now() + Math.round(webhookPauseMs(failures, Math.random()));
    this.#sql.exec(
      "INSERT OR REPLACE INTO trouble VALUES (?, ?, ?)",
      webhook.uuid,
      failures,
      nextAt,
    );
    return false;
  }

  #trouble({ uuid }: Webhook): z.infer<typeof troubleRow> {
    const [row] = this.#sql.exec("SELECT * FROM trouble WHERE uuid = ?", uuid).toArray();
    return row === undefined ? { uuid, failures: 0, next_at: 0 } : troubleRow.parse(row);
  }

  /** For the webhook that is to be tried first, among those that still exist. */
  async #setAlarm(): Promise<void> {
    const known = new Set((await this.#webhooks.all()).map(({ uuid }) => uuid));
    const times: number[] = [];
    for (const row of this.#sql.exec("SELECT * FROM trouble").toArray()) {
      const { uuid, next_at: nextAt } = troubleRow.parse(row);
      if (known.has(uuid)) times.push(nextAt);
      else this.#sql.exec("DELETE FROM trouble WHERE uuid = ?", uuid);
    }
    if (times.length === 0) await this.ctx.storage.deleteAlarm();
    else await this.ctx.storage.setAlarm(Math.min(...times));
  }
}
