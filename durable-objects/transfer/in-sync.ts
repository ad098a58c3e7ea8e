/** Whether a node is a replica that has all that finished, as far as the log knows. */
import type { NodeId } from "../../worker/core/ids.ts";
import type { TransferTools } from "./transfer-tools.ts";

export function isInSync(
  { replication, store, transfers }: Pick<TransferTools, "replication" | "store" | "transfers">,
  node: NodeId,
): boolean {
  const isReplica = replication.replicas.feed(node) !== undefined;
  const isTrusted = !transfers.isDistrusted(node);
  return isReplica && isTrusted && store.replica(node).standing === "in-sync";
}
