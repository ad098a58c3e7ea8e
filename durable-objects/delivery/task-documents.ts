/** The documents of a task that waits, as they are logged: for a client that wants to see them. */
import type { TaskUid } from "../../worker/core/ids.ts";
import type { LogStore } from "../storage/log-store.ts";
import { NDJSON, payloadOf } from "./payload-stream.ts";

export interface TaskDocuments {
  readonly readable: ReadableStream<Uint8Array>;
  /** Settles when everything has been read, or the reader went away. */
  readonly sent: Promise<void>;
}

/**
 * Undefined when the task is over or has no documents. A task that ends while they are read takes
 * them with it: then the stream fails, as it is shorter than it said.
 */
export function taskDocuments(store: LogStore, uid: TaskUid): TaskDocuments | undefined {
  const entry = store.unfinishedOfTask(uid);
  if (entry?.operation.kind !== "writeDocuments") return undefined;
  const { token } = entry;
  const shards = new Set(store.payloadWeights(token).keys());
  const payload = shards.size === 0 ? undefined : payloadOf(store, [token], shards, NDJSON);
  if (payload === undefined) return undefined;
  const { readable, writable } = new FixedLengthStream(store.payloadBytesOf(token, shards));
  const body = payload instanceof Uint8Array ? new Blob([payload]).stream() : payload;
  return { readable, sent: body.pipeTo(writable).catch(() => undefined) };
}
