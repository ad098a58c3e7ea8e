/** What a transfer does to a node's index: begins it, fills a shard, empties a shard, ends it. */
import type { NodeId, PhysicalUid } from "../../worker/core/ids.ts";
import { shardFilter } from "../../worker/core/placement/shard-mark.ts";
import { nodeSettings } from "../../worker/core/settings/node-settings.ts";
import type { IndexSettings } from "../../worker/core/settings/settings.ts";
import { writeNode, type KnownDisks, type NodeAccess, type NodeWrite } from "./node-access.ts";
import type { ShardOnNode } from "./shard-pages.ts";

type IndexAccess = NodeAccess & KnownDisks;

/** A new index with these settings and no document, whatever there was before. */
export async function beginIndex(
  access: IndexAccess,
  { node, physical }: Pick<ShardOnNode, "node" | "physical">,
  primaryKey: string | null,
  settings: IndexSettings,
): Promise<void> {
  await endIndex(access, node, physical);
  const begun = await writeNode(access, node, {
    method: "POST",
    path: "/indexes",
    body: JSON.stringify({ uid: physical, primaryKey }),
    settledBy: ["index_already_exists"],
  });
  if (begun !== undefined) access.saw(node, begun);
  await writeSame(access, node, {
    method: "PATCH",
    path: `/indexes/${physical}/settings`,
    body: JSON.stringify(nodeSettings(settings, primaryKey)),
    settledBy: [],
  });
}

export async function endIndex(
  access: NodeAccess,
  node: NodeId,
  physical: PhysicalUid,
): Promise<void> {
  await writeNode(access, node, {
    method: "DELETE",
    path: `/indexes/${physical}`,
    settledBy: ["index_not_found"],
  });
}

/** Deletes the shard's documents. */
export async function emptyShard(
  access: IndexAccess,
  { node, physical, shard }: ShardOnNode,
): Promise<void> {
  await writeSame(access, node, {
    method: "POST",
    path: `/indexes/${physical}/documents/delete`,
    body: JSON.stringify({ filter: shardFilter([shard]) }),
    settledBy: [],
  });
}

/** A write to an index that is there: none is made of it, and none is added to that lost something. */
async function writeSame(access: IndexAccess, node: NodeId, write: NodeWrite): Promise<void> {
  await access.demandSame(node);
  const task = await writeNode(access, node, write);
  if (task !== undefined) access.saw(node, task);
}

/** Adds documents as another node told them, to an index that is there: none is made of them. */
export async function addDocuments(
  access: IndexAccess,
  { node, physical }: { readonly node: NodeId; readonly physical: PhysicalUid },
  primaryKey: string,
  documents: readonly string[],
): Promise<void> {
  await writeSame(access, node, {
    method: "POST",
    path: `/indexes/${physical}/documents?primaryKey=${encodeURIComponent(primaryKey)}`,
    body: `[${documents.join(",")}]`,
    settledBy: [],
  });
}
