/**
 * A replica that has lost what it had: its node came back empty or with an old disk, or the log could
 * not keep what it still needed. Nobody reads it and nothing is delivered to it any more; its shards
 * are copied anew from other replicas. A shard without another replica is lost: it stays missing,
 * named, and its writes wait, until the node brings it back or an operator accepts the loss.
 */
import { shardId, type NodeId, type ShardId } from "../../worker/core/ids.ts";
import { soleReplicas } from "../../worker/core/placement/sole-replicas.ts";
import { withShards } from "../../worker/core/topology/place-shards.ts";
import type { ShardMap } from "../../worker/core/topology/topology.ts";
import { report } from "../report.ts";
import { until } from "./fence.ts";
import { isInSync } from "./in-sync.ts";
import { beginIndex } from "./shard-writes.ts";
import type { TransferTools } from "./transfer-tools.ts";

/** From this turn on nothing is sent to the node, and nobody may count on what it says. */
export function distrust(tools: TransferTools, node: NodeId): void {
  const { transfers, store, replication } = tools;
  if (replication.replicas.feed(node) === undefined || transfers.isDistrusted(node)) return;
  if (store.replica(node).cursor > 0) {
    suspend(tools, node);
    transfers.setDistrusted(node, true);
    return;
  }
  // It had nothing yet that it could lose: it gets everything from the beginning.
  store.setFlight(node, null);
  suspend(tools, node);
}

/** Tasks wait for it, and nobody reads it until it has shown that it has everything. */
function suspend({ store, replication }: TransferTools, node: NodeId): void {
  const replica = store.replica(node);
  const standing = replica.standing === "in-sync" ? "suspended" : replica.standing;
  store.putReplica({ ...replica, standing });
  void replication.replicas.feed(node)?.wake();
}

/** Takes the node out of the placement and asks for copies; the shards that nobody else has. */
export async function replaceReplica(
  tools: TransferTools,
  node: NodeId,
): Promise<readonly ShardId[]> {
  const { replication, transfers, store, cluster, view, physical } = tools;
  const { replicas } = replication;
  await view.leasesEnded(await cluster.setLagging(physical, node, true));
  // Another replica may be waiting for it. Tasks do not end without one that is in sync.
  if (replicas.feed(node) !== undefined) {
    store.putReplica({ ...store.replica(node), standing: "lagging" });
  }
  const { shardMap, delivered } = replicas.placement;
  // Of a deleted index there is nothing to lose and nothing to copy, but an old disk may hold it.
  const isDeleted = store.fact("closed") !== undefined;
  const sole = soleReplicas(shardMap, node, (other) => isInSync(tools, other));
  const lost = isDeleted ? [] : sole;
  const others = shardsOf(shardMap, node).filter((shard) => !lost.includes(shard));
  const left = others.map((shard) => without(shardMap, shard, node));
  await cluster.place(physical, { shards: left });
  const undelivered = shardsOf(delivered, node)
    .filter((shard) => !lost.includes(shard))
    .map((shard) => without(delivered, shard, node));
  replicas.place({
    shardMap: withShards(shardMap, left),
    delivered: withShards(delivered, undelivered),
  });
  for (const shard of others) {
    const id = `rebuild/${node}/${shard}/${crypto.randomUUID()}`;
    if (isDeleted) transfers.addLeftover({ node, shard });
    else transfers.add({ id, shard, target: node, drop: null });
  }
  if (others.length > 0) report("replica_rebuilt", { index: physical, node, shards: others });
  if (lost.length > 0) return lost;
  await replicas.part(node);
  await cluster.setLagging(physical, node, false);
  transfers.setDistrusted(node, false);
  return lost;
}

/** What the node lost is gone: it begins again with nothing, at what has finished. */
export async function acceptLoss(tools: TransferTools, node: NodeId): Promise<void> {
  const { replication, transfers, store, view, physical, access } = tools;
  const { replicas } = replication;
  await replicas.open();
  if (!transfers.isDistrusted(node)) return;
  await until(tools, `the delivery to ${node} does not end`, () => {
    const underWay = replicas.feed(node)?.underWay;
    return underWay === undefined || `${underWay.to}`;
  });
  // Nothing finishes meanwhile: tasks wait for this replica.
  const cursor = store.finishedTo();
  const { primaryKey } = await view.index(physical);
  const settings = replication.settings();
  if (cursor > 0) await beginIndex(access, { node, physical }, primaryKey ?? null, settings);
  store.putReplica({ node, cursor, standing: "suspended", flight: null });
  transfers.setDistrusted(node, false);
  report("loss_accepted", { index: physical, node });
  void replicas.feed(node)?.wake();
}

function shardsOf(map: ShardMap, node: NodeId): readonly ShardId[] {
  return map.flatMap((nodes, shard) => (nodes.includes(node) ? [shardId(shard)] : []));
}

function without(map: ShardMap, shard: ShardId, node: NodeId) {
  return [shard, (map[shard] ?? []).filter((other) => other !== node)] as const;
}
