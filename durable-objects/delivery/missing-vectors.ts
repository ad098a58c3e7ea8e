/**
 * Whether documents of a payload would be new to an index whose embedders want vectors from them, and
 * bring none: that fails the whole payload on one Meilisearch. A document that is stored keeps the
 * vectors that it has. Asked once, before any node gets the payload, and only where some lack vectors.
 */
import { z } from "zod";

import { findDocumentId } from "../../worker/core/documents/document-id.ts";
import { LackingVectors } from "../../worker/core/documents/lacking-vectors.ts";
import { NdjsonDocumentStream } from "../../worker/core/documents/ndjson-stream.ts";
import { primaryKey } from "../../worker/core/documents/primary-key.ts";
import type { RawDocument } from "../../worker/core/documents/raw-document.ts";
import type { ErrorBody } from "../../worker/core/errors/api-error.ts";
import type { NodeId, ShardId } from "../../worker/core/ids.ts";
import { missingVectors } from "../../worker/core/log/conditional-failures.ts";
import { readDocumentsAnswer } from "../../worker/core/merge/documents.ts";
import { readNode } from "../transfer/node-access.ts";
import type { UnaskedWrite } from "./entry-outcome.ts";
import { rowsOf } from "./payload-stream.ts";
import type { StandingReplicas } from "./standing-replicas.ts";

/** Documents asked for at once: their vectors come along, and can be long. */
const IDS_AT_ONCE = 100;
const READ_DEADLINE_MS = 60_000;

const stored = z.object({ _vectors: z.record(z.string(), z.object({ regenerate: z.boolean() })) });

const encoder = new TextEncoder();
const decoder = new TextDecoder();

type Lacking = ReadonlyMap<string, readonly string[]>;

/** Why the payload fails as a whole; `embedders` want vectors from documents. Throws a TransferFault while a shard cannot be read. */
export async function missingVectorsOf(
  replicas: StandingReplicas,
  entry: UnaskedWrite,
  embedders: readonly string[],
): Promise<ErrorBody | undefined> {
  const { store } = replicas.tools;
  const written = store.payloadWeights(entry.token);
  let first: { readonly id: string; readonly embedder: string } | undefined;
  let missing = 0;
  for (const [node, shards] of await replicas.sources(entry.offset)) {
    for (const shard of [...shards].filter((one) => written.has(one))) {
      const lacking = lackingIn(replicas, entry, shard, embedders);
      for await (const [id, embedder] of replicas.read(
        node,
        newOnes(replicas, entry, node, lacking),
      )) {
        first ??= { id, embedder };
        missing += 1;
      }
    }
  }
  if (first === undefined || entry.task === null) return undefined;
  const { id, embedder } = first;
  return missingVectors(entry.task.indexUid, embedder, { id, others: missing - 1 });
}

function lackingIn(
  { tools: { store } }: StandingReplicas,
  { token, operation }: UnaskedWrite,
  shard: ShardId,
  embedders: readonly string[],
): Lacking {
  const lacking = new LackingVectors(operation.mode, embedders);
  const documents = new NdjsonDocumentStream();
  const key = primaryKey(operation.primaryKey);
  for (const row of rowsOf(store, [token], new Set([shard]))) {
    for (const document of documents.push(row)) lacking.add(document, idOf(document, key));
  }
  return lacking.found();
}

/** Those that are not stored, or whose stored vectors were to be asked for anew. */
async function* newOnes(
  { tools: { access, physical } }: StandingReplicas,
  { operation }: UnaskedWrite,
  node: NodeId,
  lacking: Lacking,
): AsyncGenerator<readonly [id: string, embedder: string]> {
  const key = primaryKey(operation.primaryKey);
  const all = [...lacking.keys()];
  for (let at = 0; at < all.length; at += IDS_AT_ONCE) {
    const ids = all.slice(at, at + IDS_AT_ONCE);
    const text = await readNode(access, node, {
      method: "POST",
      path: `/indexes/${physical}/documents/fetch`,
      body: JSON.stringify({ ids, limit: ids.length, retrieveVectors: true }),
      timeoutMs: READ_DEADLINE_MS,
    });
    const regenerated = new Map<string, readonly string[]>();
    for (const [start, end] of readDocumentsAnswer(text).results) {
      const document = text.slice(start, end);
      const [raw] = new NdjsonDocumentStream().push(encoder.encode(document));
      if (raw !== undefined) regenerated.set(idOf(raw, key), regeneratedBy(document));
    }
    for (const id of ids) {
      const known = regenerated.get(id);
      const embedder = lacking.get(id)?.find((one) => known === undefined || known.includes(one));
      if (embedder !== undefined) yield [id, embedder];
    }
  }
}

function regeneratedBy(document: string): readonly string[] {
  const vectors = Object.entries(stored.parse(JSON.parse(document))._vectors);
  return vectors.filter(([, { regenerate }]) => regenerate).map(([embedder]) => embedder);
}

function idOf(document: RawDocument, key: ReturnType<typeof primaryKey>): string {
  const id = findDocumentId(document, key);
  if (!(id instanceof Uint8Array)) throw new Error(id.message);
  return decoder.decode(id);
}
