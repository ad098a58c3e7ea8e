/**
 * Documents split for an index of another number of shards than they were split for: marks are taken
 * off, ids are found and hashed again. The order of documents of one id is kept, as they were all in
 * one shard.
 */
import { UnmarkedLines } from "../core/documents/unmarked.ts";
import type { ShardId } from "../core/ids.ts";
import { ingestDocuments } from "./ingest-documents.ts";
import type { LogRow } from "./row-gatherer.ts";

/** Takes rows on, in order. */
export type RowSink = (rows: readonly LogRow[]) => Promise<void>;

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

/** Documents of one shard's rows, as they were before they were marked. */
export async function* unmarked(
  chunks: Iterable<Uint8Array>,
  shard: ShardId,
): AsyncGenerator<Uint8Array> {
  const lines = new UnmarkedLines(shard);
  for (const chunk of chunks) yield* lines.push(chunk);
}

/** All rows of a payload that is held in memory, for an index of `shardCount` shards. */
export async function rowsSplitAnew(
  rows: readonly LogRow[],
  primaryKey: string,
  shardCount: number,
): Promise<readonly LogRow[]> {
  const split: LogRow[] = [];
  for (const [shard, own] of Map.groupBy(rows, (row) => row.shard)) {
    const chunks = own.map(({ bytes }) => bytes);
    await splitDocuments(unmarked(chunks, shard), primaryKey, shardCount, async (more) => {
      split.push(...more);
      await Promise.resolve();
    });
  }
  return split;
}
