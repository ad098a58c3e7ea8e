/** What a transfer does to a node's index: begins it, fills a shard, empties a shard, ends it. */
import type { NodeId, PhysicalUid } from "../../worker/core/ids.ts";
import { shardFilter } from "../../worker/core/placement/shard-mark.ts";
import { nodeSettings } from "../../worker/core/settings/node-settings.ts";
import type { IndexSettings } from "../../worker/core/settings/settings.ts";
import { writeNode, type NodeAccess } from "./node-access.ts";
import type { ShardOnNode } from "./shard-pages.ts";

/** A new index with these settings and no document, whatever there was before. */
export async function beginIndex(
  access: NodeAccess,
  { node, physical }: Pick<ShardOnNode, "node" | "physical">,
  primaryKey: string | null,
  settings: IndexSettings,
): Promise<void> {
  await endIndex(access, node, physical);
  await writeNode(access, node, {
    method: "POST",
    path: "/indexes",
    body: JSON.stringify({ uid: physical, primaryKey }),
    settledBy: ["index_already_exists"],
  });
  await writeNode(access, node, {
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

/** Deletes the shard's documents; none of an index that is gone. */
export async function emptyShard(
  access: NodeAccess,
  { node, physical, shard }: ShardOnNode,
): Promise<void> {
  await writeNode(access, node, {
    method: "POST",
    path: `/indexes/${physical}/documents/delete`,
    body: JSON.stringify({ filter: shardFilter([shard]) }),
    settledBy: ["index_not_found"],
  });
}

/** Adds documents as another node told them. */
export async function addDocuments(
  access: NodeAccess,
  { node, physical }: { readonly node: NodeId; readonly physical: PhysicalUid },
  primaryKey: string,
  documents: readonly string[],
): Promise<void> {
  await writeNode(access, node, {
    method: "POST",
    path: `/indexes/${physical}/documents?primaryKey=${encodeURIComponent(primaryKey)}`,
    body: `[${documents.join(",")}]`,
    settledBy: [],
  });
}
