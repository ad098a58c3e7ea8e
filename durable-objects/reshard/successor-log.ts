/** The log of the index that takes another one's place, as the other's log writes to it. */
import type { PhysicalUid } from "../../worker/core/ids.ts";
import type { ConditionalFailures } from "../../worker/core/log/conditional-failures.ts";
import type { Operation } from "../../worker/core/log/operation.ts";
import { splitDocuments } from "../../worker/ingest/split-documents.ts";
import type { IndexLog } from "../index-log.ts";
import type { Adopted, Append, AppendReply, PayloadRow } from "../rpc.ts";
import type { LogStore } from "../storage/log-store.ts";
import type { Entry } from "../storage/log-rows.ts";
import { splitAnew } from "./split-anew.ts";

/** A log that is full is asked again after this, in milliseconds. */
const FULL_PAUSE_MS = 1000;

export class SuccessorLog {
  readonly #log: DurableObjectStub<IndexLog>;
  readonly #shardCount: number;
  readonly #sleep: (ms: number) => Promise<void>;

  constructor(
    logs: DurableObjectNamespace<IndexLog>,
    target: { readonly physical: PhysicalUid; readonly shardCount: number },
    sleep: (ms: number) => Promise<void>,
  ) {
    this.#log = logs.getByName(target.physical);
    this.#shardCount = target.shardCount;
    this.#sleep = sleep;
  }

  get stub(): DurableObjectStub<IndexLog> {
    return this.#log;
  }

  /** Documents as one entry of the log's own; the same token again changes nothing. */
  async copy(token: string, documents: readonly string[], primaryKey: string): Promise<void> {
    const operation: Operation = {
      kind: "writeDocuments",
      mode: "replace",
      skipCreation: false,
      primaryKey,
    };
    if (!(await this.#log.beginUpload(token))) return;
    await splitDocuments(lines(documents), primaryKey, this.#shardCount, (rows) =>
      this.#upload(token, rows),
    );
    await this.#log.adopt({
      token,
      operation,
      task: null,
      uid: null,
      canceledBy: null,
      failure: null,
      conditional: null,
      createdAt: Date.now(),
    });
  }

  /** An entry with its payload and its task. */
  async take(
    store: LogStore,
    entry: Entry,
    conditional: ConditionalFailures | null,
  ): Promise<void> {
    const { token, operation, task, uid, canceledBy, error, createdAt } = entry;
    const adopted: Adopted = {
      token,
      operation,
      task,
      uid,
      canceledBy,
      failure: error,
      conditional,
      createdAt,
    };
    if (!(await this.#log.beginUpload(token))) return;
    await splitAnew(store, token, operation, this.#shardCount, (rows) => this.#upload(token, rows));
    await this.#log.adopt(adopted);
  }

  /** A write that came to the old log after the exchange; its rows are there under its token. */
  async append(store: LogStore, append: Append): Promise<AppendReply> {
    const { token, operation } = append;
    let uploadedRows = 0;
    // Otherwise it has moved over already, and only the answer was lost.
    if (await this.#log.beginUpload(token)) {
      await splitAnew(store, token, operation, this.#shardCount, async (rows) => {
        await this.#upload(token, rows);
        uploadedRows += rows.length;
      });
    }
    return await this.#log.append({ ...append, rows: [], uploadedRows });
  }

  async #upload(token: string, rows: readonly PayloadRow[]): Promise<void> {
    if (rows.length === 0) return;
    while (!(await this.#log.upload(token, rows))) await this.#sleep(FULL_PAUSE_MS);
  }
}

async function* lines(documents: readonly string[]): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const document of documents) yield encoder.encode(`${document}\n`);
}
