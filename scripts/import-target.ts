/** The Miroir that a dump goes into: requests that are patient, and the tasks that came of them. */
import { z } from "zod";

const summary = z.object({ taskUid: z.number() });
const taskList = z.object({
  results: z.array(
    z.object({
      uid: z.number(),
      type: z.string(),
      indexUid: z.string().nullable(),
      error: z.object({ message: z.string() }).nullable(),
    }),
  ),
  total: z.number(),
});

const POLL_MS = 500;
/** Task uids that one request asks about. */
const ASKED_MAX = 200;

export class ImportTarget {
  readonly #url: string;
  readonly #key: string;
  readonly #tasks: number[] = [];

  constructor(url: string, key: string) {
    this.#url = url.replace(/\/$/, "");
    this.#key = key;
  }

  /** Sends a write and keeps its task; throws when it is refused. */
  async write(
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    contentType = "application/json",
  ): Promise<void> {
    const response = await this.#ask(method, path, body, contentType);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    this.#tasks.push(summary.parse(JSON.parse(text)).taskUid);
  }

  /** Sends what may be refused: then it is said, and the import goes on. */
  async try(method: string, path: string, value: unknown): Promise<void> {
    const response = await this.#ask(method, path, JSON.stringify(value), "application/json");
    const text = await response.text();
    if (response.ok) return;
    const { message } = z.object({ message: z.string() }).parse(JSON.parse(text));
    console.error(`${method} ${path}: ${message}`);
  }

  /** Waits for all tasks; the messages of those that failed. */
  async failures(): Promise<readonly string[]> {
    const failures: string[] = [];
    for (let at = 0; at < this.#tasks.length; at += ASKED_MAX) {
      const uids = this.#tasks.slice(at, at + ASKED_MAX).join(",");
      while ((await this.#list(`uids=${uids}&statuses=enqueued,processing&limit=1`)).total > 0) {
        await sleep(POLL_MS);
      }
      const { results } = await this.#list(
        `uids=${uids}&statuses=failed,canceled&limit=${ASKED_MAX}`,
      );
      for (const { uid, type, indexUid, error } of results) {
        failures.push(`task ${uid} (${type} of ${indexUid}): ${error?.message ?? "canceled"}`);
      }
    }
    return failures;
  }

  async #list(query: string): Promise<z.infer<typeof taskList>> {
    const response = await this.#ask("GET", `/tasks?${query}`, undefined, undefined);
    return taskList.parse(await response.json());
  }

  /** A log that is full asks for patience. */
  async #ask(
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer> | undefined,
    contentType: string | undefined,
  ): Promise<Response> {
    for (;;) {
      const response = await fetch(`${this.#url}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${this.#key}`,
          ...(contentType === undefined ? {} : { "Content-Type": contentType }),
        },
        body: body ?? null,
      });
      const wait = response.headers.get("Retry-After");
      if (response.status !== 503 || wait === null) return response;
      await response.body?.cancel();
      await sleep(Number(wait) * 1000);
    }
  }
}

async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
