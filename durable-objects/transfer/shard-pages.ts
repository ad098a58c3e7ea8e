/**
 * The documents of one shard on one node, page by page, as the node keeps them: the shard mark and
 * every digit included. Exact only while the node stands still: its order is then the same for every
 * page. Memory is bounded by the size of a page, which follows the documents' own.
 */
import { z } from "zod";

import type { NodeId, PhysicalUid, ShardId } from "../../worker/core/ids.ts";
import { NODE_CALL_DEADLINE_MS } from "../../worker/core/limits.ts";
import { readDocumentsAnswer, withoutEmptyVectors } from "../../worker/core/merge/documents.ts";
import { averageDocumentSize, readIndexStats } from "../../worker/core/merge/stats.ts";
import { shardFilter } from "../../worker/core/placement/shard-mark.ts";
import { ShardDigest } from "../../worker/core/transfer/shard-digest.ts";
import { readNode, type NodeAccess } from "./node-access.ts";

/** What a page should hold: a copy has two of them in memory. */
const PAGE_BYTES = 4_000_000;
const PAGE_DOCUMENTS_MAX = 2_000;
/** The shard mark, and a few bytes for very small documents. */
const OVERHEAD_BYTES = 100;
const PAGE_DEADLINE_MS = 60_000;

export interface ShardOnNode {
  readonly node: NodeId;
  readonly physical: PhysicalUid;
  readonly shard: ShardId;
}

export interface ShardPage {
  readonly offset: number;
  readonly documents: readonly string[];
  readonly bytes: number;
  /** Documents of the shard on the node. */
  readonly total: number;
}

export interface PageRange {
  readonly offset: number;
  readonly limit: number;
  readonly vectors: boolean;
}

const info = z.object({ primaryKey: z.string().nullable() });

/** The primary key of the index on a node that stands still; null before it has one. */
export async function primaryKeyOn(
  access: NodeAccess,
  { node, physical }: Pick<ShardOnNode, "node" | "physical">,
): Promise<string | null> {
  const path = `/indexes/${physical}`;
  const text = await readNode(access, node, {
    method: "GET",
    path,
    timeoutMs: NODE_CALL_DEADLINE_MS,
  });
  return info.parse(JSON.parse(text)).primaryKey;
}

/** The pages from `offset` on; the next is read while the caller deals with the last. */
export async function* shardPages(
  access: NodeAccess,
  from: ShardOnNode,
  { offset, vectors }: Omit<PageRange, "limit">,
): AsyncGenerator<ShardPage> {
  let limit = await firstLimit(access, from);
  let next: Promise<ShardPage> | undefined = shardPage(access, from, { offset, limit, vectors });
  try {
    while (next !== undefined) {
      const page: ShardPage = await next;
      next = undefined;
      const end = page.offset + page.documents.length;
      if (end < page.total && page.documents.length > 0) {
        limit = nextLimit(page, limit);
        next = shardPage(access, from, { offset: end, limit, vectors });
      }
      yield page;
    }
  } finally {
    // A reader that stops early does not wait for the page that was already asked for.
    next?.catch(() => undefined);
  }
}

export async function shardPage(
  access: NodeAccess,
  { node, physical, shard }: ShardOnNode,
  { offset, limit, vectors }: PageRange,
): Promise<ShardPage> {
  const text = await readNode(access, node, {
    method: "POST",
    path: `/indexes/${physical}/documents/fetch`,
    body: JSON.stringify({
      offset,
      limit,
      filter: shardFilter([shard]),
      ...(vectors ? { retrieveVectors: true } : {}),
    }),
    timeoutMs: PAGE_DEADLINE_MS,
  });
  const { results, total } = readDocumentsAnswer(text);
  const documents = results.map(([start, end]) => withoutEmptyVectors(text.slice(start, end)));
  return { offset, documents, bytes: text.length, total };
}

/** What a node that stands still holds of a shard. */
export async function digestOf(
  access: NodeAccess,
  from: ShardOnNode,
  primaryKey: string,
): Promise<ShardDigest> {
  const digest = new ShardDigest();
  for await (const { documents } of shardPages(access, from, { offset: 0, vectors: false })) {
    for (const text of documents) digest.add(text, primaryKey);
  }
  return digest;
}

async function firstLimit(access: NodeAccess, { node, physical }: ShardOnNode): Promise<number> {
  const text = await readNode(access, node, {
    method: "GET",
    path: `/indexes/${physical}/stats`,
    timeoutMs: NODE_CALL_DEADLINE_MS,
  });
  const average = averageDocumentSize(readIndexStats(text));
  return within(PAGE_BYTES / (average + OVERHEAD_BYTES), PAGE_DOCUMENTS_MAX);
}

/** The last page tells how large documents are here; never more than twice as many at once. */
function nextLimit({ documents, bytes }: ShardPage, limit: number): number {
  return within((documents.length * PAGE_BYTES) / bytes, Math.min(PAGE_DOCUMENTS_MAX, limit * 2));
}

function within(documents: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(documents)));
}
