/**
 * Payload of one index as payload of another with a different number of shards: marks are taken off,
 * ids are found and hashed again. One shard at a time, in bounded memory; the order of documents of
 * one id is kept, as they were all in one shard.
 */
import { idRows, idsOfRow } from "../../worker/core/documents/id-rows.ts";
import { UnmarkedLines } from "../../worker/core/documents/unmarked.ts";
import type { ShardId } from "../../worker/core/ids.ts";
import type { Operation } from "../../worker/core/log/operation.ts";
import { ingestDocuments } from "../../worker/ingest/ingest-documents.ts";
import type { PayloadRow } from "../rpc.ts";
import type { LogStore } from "../storage/log-store.ts";

const AT_ONCE_BYTES = 1_000_000;

/** Takes rows on, in order. */
export type RowSink = (rows: readonly PayloadRow[]) => Promise<void>;

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

/** Documents on lines of their own, not marked. */
export async function splitDocuments(
  body: AsyncIterable<Uint8Array>,
  primaryKey: string,
  shardCount: number,
  sink: RowSink,
): Promise<void> {
  const result = await ingestDocuments({
    body,
    format: "ndjson",
    // Only for the texts of errors, which these documents cannot cause: they were taken before.
    indexUid: "",
    primaryKey,
    shardCount,
    sink: { rows: sink },
  });
  if (result.kind === "rejected") throw new Error(result.error.message);
  await sink(result.lastRows);
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

async function* unmarked(chunks: Iterable<Uint8Array>, shard: ShardId): AsyncGenerator<Uint8Array> {
  const lines = new UnmarkedLines(shard);
  for (const chunk of chunks) yield* lines.push(chunk);
}
