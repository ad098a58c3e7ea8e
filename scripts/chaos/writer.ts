/**
 * Writers with the official client: each sends a few writes, waits for the last of them, and then
 * looks for what it wrote. Everything that was sent is kept, for the verdict.
 */
import { setTimeout as pause } from "node:timers/promises";

import { Meilisearch, MeilisearchApiError } from "meilisearch";

import { CHAOS_KEY } from "./chaos-fleet.ts";
import { drawOperation, probeOf, send, type ChaosIndex, type Operation } from "./operations.ts";
import type { Tally } from "./tally.ts";

export const INDEX = "chaos";

/** A task that takes longer is told; whether it is lost shows when all is over. */
const TASK_WAIT_MAX_MS = 180_000;
const REQUEST_MAX_MS = 60_000;
const WRITES_AT_ONCE = 4;

export interface Sent {
  readonly operation: Operation;
  /** The task that the client was told; undefined when it got no answer. */
  taskUid: number | undefined;
}

export interface WriterTools {
  readonly url: string;
  readonly tally: Tally;
  /** Whether Miroir itself was down at some time since then, ms since the epoch. */
  readonly serviceWasDown: (since: number) => boolean;
  readonly random: () => number;
  readonly isOver: () => boolean;
}

interface Acknowledged {
  readonly name: string;
  readonly operation: Operation;
  readonly taskUid: number;
  readonly at: number;
}

export class Writer {
  readonly #name: string;
  readonly #tools: WriterTools;
  readonly #client: Meilisearch;
  readonly #index: ChaosIndex;
  readonly sent = new Map<string, Sent>();

  constructor(name: string, tools: WriterTools) {
    this.#name = name;
    this.#tools = tools;
    this.#client = new Meilisearch({ host: tools.url, apiKey: CHAOS_KEY, timeout: REQUEST_MAX_MS });
    this.#index = this.#client.index(INDEX);
  }

  async run(): Promise<void> {
    const { random, isOver } = this.#tools;
    for (let round = 0; !isOver(); round += 1) {
      const batch: Acknowledged[] = [];
      const count = 1 + Math.floor(random() * WRITES_AT_ONCE);
      for (let at = 0; at < count; at += 1) {
        const acknowledged = await this.#write(`${this.#name}-${round}-${at}`);
        if (acknowledged !== undefined) batch.push(acknowledged);
      }
      const last = batch.at(-1);
      if (last === undefined) continue;
      if (random() < 0.3) await this.#readAtOnce(last);
      await this.#checkSeen(last);
      await pause(random() * 200);
    }
  }

  async #write(name: string): Promise<Acknowledged | undefined> {
    const { tally, serviceWasDown, random } = this.#tools;
    const operation = drawOperation(random, name);
    const sent: Sent = { operation, taskUid: undefined };
    this.sent.set(name, sent);
    const startedAt = Date.now();
    try {
      const { taskUid } = await send(this.#index, name, operation);
      sent.taskUid = taskUid;
      tally.acknowledged += 1;
      return { name, operation, taskUid, at: Date.now() };
    } catch (error) {
      if (error instanceof MeilisearchApiError && error.response.status === 503) {
        tally.refused += 1;
        await pause(500);
      } else if (serviceWasDown(startedAt)) {
        tally.withoutService += 1;
        await pause(200);
      } else {
        tally.unanswered += 1;
        tally.problem(`write ${name} was not answered: ${textOf(error)}`);
      }
      return undefined;
    }
  }

  /** A read that names the task waits for it by itself, or says that it could not. */
  async #readAtOnce({ name, operation, taskUid }: Acknowledged): Promise<void> {
    if (operation.kind !== "add") return;
    const headers = { "X-Miroir-Min-Task": String(taskUid) };
    await this.#expectProbe(name, { headers }, `with X-Miroir-Min-Task: ${taskUid}`);
  }

  async #checkSeen({ name, operation, taskUid, at }: Acknowledged): Promise<void> {
    const { tally } = this.#tools;
    const status = await this.#over(taskUid);
    tally.taskWaitMaxMs = Math.max(tally.taskWaitMaxMs, Date.now() - at);
    if (status === undefined) {
      tally.problem(
        `task ${taskUid} (${name}) is still under way after ${TASK_WAIT_MAX_MS / 1000} s`,
      );
    }
    if (status !== "succeeded" || operation.kind !== "add") return;
    await this.#expectProbe(name, {}, `after task ${taskUid} succeeded`);
  }

  async #over(taskUid: number): Promise<string | undefined> {
    const end = Date.now() + TASK_WAIT_MAX_MS;
    for (let pauseMs = 20; Date.now() < end; pauseMs = Math.min(500, pauseMs * 2)) {
      const status = await this.#client.tasks.getTask(taskUid).then(
        (task) => task.status,
        () => "enqueued",
      );
      if (!["enqueued", "processing"].includes(status)) return status;
      await pause(pauseMs);
    }
    return undefined;
  }

  async #expectProbe(
    name: string,
    init: { headers?: Record<string, string> },
    when: string,
  ): Promise<void> {
    const { url, tally, serviceWasDown } = this.#tools;
    const startedAt = Date.now();
    try {
      const response = await fetch(`${url}/indexes/${INDEX}/search`, {
        method: "POST",
        headers: {
          Authorization: `Bearer ${CHAOS_KEY}`,
          "Content-Type": "application/json",
          ...init.headers,
        },
        body: JSON.stringify({ filter: `probe = "${name}"`, attributesToRetrieve: ["id"] }),
        signal: AbortSignal.timeout(REQUEST_MAX_MS),
      });
      const text = await response.text();
      if (response.status === 504 && text.includes("miroir_task_not_finished")) return;
      if (!response.ok) throw new Error(`${response.status} ${text}`);
      tally.searches += 1;
      if (text.includes(`"${probeOf(name)}"`)) return;
      if (response.headers.has("X-Miroir-Degraded")) tally.degraded += 1;
      else {
        tally.stale += 1;
        tally.problem(`${probeOf(name)} is not found ${when}: ${text}`);
      }
    } catch (error) {
      if (serviceWasDown(startedAt)) tally.withoutService += 1;
      else {
        tally.failed += 1;
        tally.problem(`search for ${probeOf(name)} ${when} failed: ${textOf(error)}`);
      }
    }
  }
}

export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (${textOf(error.cause)})`;
  return `${error.message}${cause}`;
}
