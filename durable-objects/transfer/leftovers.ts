/**
 * Deleting what nodes hold and should not: shards that moved away, parts of a transfer that was given
 * up. Nothing of it is delivered any more; what is on its way is waited for.
 */
import type { NodeId } from "../../worker/core/ids.ts";
import { withoutNode } from "../../worker/core/topology/place-shards.ts";
import { until } from "./fence.ts";
import { emptyShard, endIndex } from "./shard-writes.ts";
import type { TransferTools } from "./transfer-tools.ts";

/** Of an index that is being deleted: a node that left the cluster took its part with it. */
export async function partGone({ replication, store, view, now }: TransferTools): Promise<void> {
  const { replicas } = replication;
  for (const { node } of store.replicas()) {
    if ((await view.endpoint(node, now())) !== undefined) continue;
    const { shardMap, delivered } = replicas.placement;
    // Or a restart would make a replica of it again.
    replicas.place({
      shardMap: withoutNode(shardMap, node),
      delivered: withoutNode(delivered, node),
    });
    await replicas.part(node);
  }
}

/** Cleans one node; throws when it does not answer, and leaves one that is known to be away for later. */
export async function cleanNode(tools: TransferTools, node: NodeId): Promise<void> {
  const { transfers, replication, store, cluster, physical, access, now, view } = tools;
  const { replicas } = replication;
  const own = transfers.leftovers().filter((leftover) => leftover.node === node);
  if (own.length === 0) return;
  // A page that came behind the index's deletion has made an index of its own.
  const isDeleted = store.fact("closed") !== undefined && store.finishedTo() === store.head();
  const isWhole = replicas.shardsOf(node).size === 0;
  // Before the node is asked: a log must not be kept for one that is gone.
  if (isWhole) {
    await replicas.part(node);
    // One that holds nothing is behind with nothing; no feed is left that could say so.
    await cluster.setLagging(physical, node, false);
  }
  // A node that left the cluster took its leftovers with it.
  const endpoint = await view.endpoint(node, now());
  const isGone = endpoint === undefined;
  if (endpoint?.health === "unreachable") return;
  if (!isGone && (isWhole || isDeleted)) await endIndex(access, node, physical);
  else if (!isGone) {
    for (const leftover of own) {
      const { shard } = leftover;
      await until(tools, `the delivery to ${node} does not end`, () => {
        const underWay = replicas.feed(node)?.underWay;
        return underWay?.shards.has(shard) !== true || `${underWay.to}`;
      });
      // Before its first entry there is no index that could hold anything.
      if (store.replica(node).cursor > 0) await emptyShard(access, { node, physical, shard });
      transfers.removeLeftovers([leftover]);
    }
  }
  transfers.removeLeftovers(own);
}
