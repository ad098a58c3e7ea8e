/**
 * What an edit by function is about, as it is before the edit: read from one replica of each shard
 * before any node gets the edit, and kept with the entry until it is over. An edit that one document
 * fails on some node is undone with it on all others, as one Meilisearch changes nothing then. Edits
 * are fences in the log, so every replica stands still at one offset meanwhile.
 */
import { z } from "zod";

import { shardId, type NodeId, type ShardId } from "../../worker/core/ids.ts";
import { BEFORE_IMAGES_BYTES_MAX } from "../../worker/core/limits.ts";
import { filterWithin } from "../../worker/core/delivery/steps.ts";
import { MARK_FIELD, shardOfMark } from "../../worker/core/placement/shard-mark.ts";
import type { PayloadRow } from "../rpc.ts";
import { documentPages } from "../transfer/document-pages.ts";
import { NodeRefusal, TransferFault } from "../transfer/node-access.ts";
import type { UnreadEdit } from "./entry-outcome.ts";
import type { StandingReplicas } from "./standing-replicas.ts";

const marked = z.object({ [MARK_FIELD]: z.string() });

const encoder = new TextEncoder();

/** Throws a TransferFault while a shard cannot be read. */
export async function keepBeforeImages(
  replicas: StandingReplicas,
  { offset, token, operation }: UnreadEdit,
): Promise<void> {
  const { store, now } = replicas.tools;
  // Of an earlier try that was cut off.
  store.dropPayload(token);
  let bytes = 0;
  for (const [node, shards] of await replicas.sources(offset)) {
    for await (const rows of imagesOn(replicas, node, shards, operation.filter)) {
      bytes += rows.reduce((sum, row) => sum + row.bytes.byteLength, 0);
      if (bytes > BEFORE_IMAGES_BYTES_MAX) {
        store.dropPayload(token);
        store.setOperation(offset, { ...operation, beforeImages: "too-many" });
        return;
      }
      store.addPayload(token, rows, now());
    }
  }
  store.setOperation(offset, { ...operation, beforeImages: "kept" });
}

async function* imagesOn(
  replicas: StandingReplicas,
  node: NodeId,
  shards: ReadonlySet<ShardId>,
  filter: string | null,
): AsyncGenerator<readonly PayloadRow[]> {
  const { access, physical } = replicas.tools;
  const from = { node, physical, filter: filterWithin(filter, shards) };
  const pages = documentPages(access, from, { offset: 0, vectors: true });
  try {
    for await (const { documents } of replicas.read(node, pages)) yield rowsByShard(documents);
  } catch (error) {
    // A filter that no node can read: the edit will be refused in the same way, everywhere.
    if (!(error instanceof NodeRefusal)) throw error;
  }
}

/** Documents on lines of their own, by the mark that they carry. */
function rowsByShard(documents: readonly string[]): readonly PayloadRow[] {
  const lines = new Map<number, string[]>();
  for (const text of documents) {
    const shard = shardOfMark(marked.parse(JSON.parse(text))[MARK_FIELD]);
    if (shard === undefined) throw new TransferFault("a document has no shard mark");
    const known = lines.get(shard);
    if (known === undefined) lines.set(shard, [text]);
    else known.push(text);
  }
  return [...lines].map(([shard, texts]) => ({
    shard: shardId(shard),
    bytes: encoder.encode(`${texts.join("\n")}\n`),
  }));
}
