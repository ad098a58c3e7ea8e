/** The documents of one shard on one node that stands still, page by page, and their digest. */
import { z } from "zod";

import type { NodeId, PhysicalUid, ShardId } from "../../worker/core/ids.ts";
import { NODE_CALL_DEADLINE_MS } from "../../worker/core/limits.ts";
import { shardFilter } from "../../worker/core/placement/shard-mark.ts";
import { ShardDigest } from "../../worker/core/transfer/shard-digest.ts";
import {
  documentPage,
  documentPages,
  type DocumentPage,
  type DocumentsOnNode,
  type PageRange,
} from "./document-pages.ts";
import { readNode, type NodeAccess } from "./node-access.ts";

export interface ShardOnNode {
  readonly node: NodeId;
  readonly physical: PhysicalUid;
  readonly shard: ShardId;
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

export function shardPages(
  access: NodeAccess,
  from: ShardOnNode,
  range: Omit<PageRange, "limit">,
): AsyncGenerator<DocumentPage> {
  return documentPages(access, documentsOf(from), range);
}

export async function shardPage(
  access: NodeAccess,
  from: ShardOnNode,
  range: PageRange,
): Promise<DocumentPage> {
  return await documentPage(access, documentsOf(from), range);
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

function documentsOf({ node, physical, shard }: ShardOnNode): DocumentsOnNode {
  return { node, physical, filter: JSON.stringify(shardFilter([shard])) };
}
