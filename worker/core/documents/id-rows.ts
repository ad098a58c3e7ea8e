/** Ids of documents to delete as log rows: comma-separated JSON texts, by shard; and read back. */
import { z } from "zod";

import type { ShardId } from "../ids.ts";
import { deletedIds } from "./delete.ts";

interface IdRow {
  readonly shard: ShardId;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const idList = z.array(z.string());

export function idRows(ids: readonly string[], shardCount: number): readonly IdRow[] {
  const { byShard } = deletedIds(ids, shardCount);
  return [...byShard].map(([shard, group]) => ({
    shard,
    bytes: encoder.encode(group.map((id) => JSON.stringify(id)).join(",")),
  }));
}

/** The ids of one row. */
export function idsOfRow(bytes: Uint8Array): readonly string[] {
  return idList.parse(JSON.parse(`[${decoder.decode(bytes)}]`));
}
