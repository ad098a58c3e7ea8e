/**
 * Payload of one index as payload of another with a different number of shards. One shard at a time,
 * in bounded memory.
 */
import { idRows, idsOfRow } from "../../worker/core/documents/id-rows.ts";
import type { ShardId } from "../../worker/core/ids.ts";
import type { Operation } from "../../worker/core/log/operation.ts";
import { splitDocuments, unmarked, type RowSink } from "../../worker/ingest/split-documents.ts";
import type { LogStore } from "../storage/log-store.ts";

const AT_ONCE_BYTES = 1_000_000;

/** The payload of an entry, under its token, for an index of `shardCount` shards. */
export async function splitAnew(
  store: LogStore,
  token: string,
  operation: Operation,
  shardCount: number,
  sink: RowSink,
): Promise<void> {
  for (const shard of store.payloadWeights(token).keys()) {
    const chunks = payloadOfShard(store, token, shard);
    if (operation.kind === "writeDocuments") {
      const body = unmarked(chunks, shard);
      await splitDocuments(body, operation.primaryKey, shardCount, sink);
    } else if (operation.kind === "deleteDocuments") {
      for (const row of chunks) await sink(idRows(idsOfRow(row), shardCount));
    }
  }
}

function* payloadOfShard(store: LogStore, token: string, shard: ShardId): Generator<Uint8Array> {
  let after = -1;
  for (;;) {
    const parts = store.nextPayload(token, new Set([shard]), after, AT_ONCE_BYTES);
    const last = parts.at(-1);
    if (last === undefined) return;
    for (const { bytes } of parts) yield bytes;
    after = last.seq;
  }
}
