/** Copying one shard between two nodes that stand still, and proving that it arrived whole. */
import type { NodeId } from "../../worker/core/ids.ts";
import type { StoredTransfer } from "./transfer-store.ts";
import type { Cut } from "../../worker/core/transfer/transfer.ts";
import type { DocumentPage } from "./document-pages.ts";
import { TransferFault } from "./node-access.ts";
import { digestOf, primaryKeyOn, shardPages } from "./shard-pages.ts";
import { addDocuments } from "./shard-writes.ts";
import type { TransferTools } from "./transfer-tools.ts";

export interface Copy extends Cut {
  readonly target: NodeId;
}

/**
 * Copies what is not copied yet; `onPage` tells whether to go on. A page is told when the target
 * has it; one that was sent twice leaves the same documents.
 */
export async function copyShard(
  { access, physical }: TransferTools,
  { source, target, fence }: Copy,
  { change, copied }: StoredTransfer,
  onPage: (page: DocumentPage) => Promise<boolean>,
): Promise<void> {
  // Nothing was ever written to the index: there is none on nodes.
  if (fence === 0) return;
  const primaryKey = await primaryKeyOn(access, { node: source, physical });
  if (primaryKey === null) return;
  const from = { node: source, physical, shard: change.shard };
  for await (const page of shardPages(access, from, { offset: copied, vectors: true })) {
    const { documents } = page;
    if (documents.length === 0) return;
    await addDocuments(access, { node: target, physical }, primaryKey, documents);
    if (!(await onPage(page))) return;
  }
}

/** Throws when the target does not hold what the source holds. */
export async function verifyCopy(
  { access, physical }: TransferTools,
  { source, target, fence }: Copy,
  { change: { shard } }: StoredTransfer,
): Promise<void> {
  if (fence === 0) return;
  const primaryKey = await primaryKeyOn(access, { node: source, physical });
  if (primaryKey === null) return;
  const [original, copy] = await Promise.all(
    [source, target].map((node) => digestOf(access, { node, physical, shard }, primaryKey)),
  );
  if (original === undefined || copy === undefined || original.key === copy.key) return;
  throw new TransferFault(
    `${target} holds ${copy.documents} documents of the shard and not the ${original.documents} of ${source}, or they differ`,
  );
}
