/**
 * Nothing is copied from, switched to or dropped in favour of a node that has lost what it had, also
 * when nobody has noticed yet: the Cluster looks who answers there now.
 */
import type { NodeId, ShardId } from "../../worker/core/ids.ts";
import { exchangedNodes, withShards } from "../../worker/core/topology/place-shards.ts";
import { isInSync } from "./in-sync.ts";
import { TransferFault } from "./node-access.ts";
import type { TransferTools } from "./transfer-tools.ts";

/** Throws unless all of them have what they had. */
export async function demandIntact(
  { cluster, physical }: TransferTools,
  nodes: readonly NodeId[],
): Promise<void> {
  for (const node of nodes) {
    if (!(await cluster.isIntact(node, physical))) {
      throw new TransferFault(`${node} does not have what it had`);
    }
  }
}

/**
 * Keeps a replica that was to be dropped, where those that stay have lost the shard: readers find it
 * there again. False when one that stays is in sync and has it.
 */
export async function keptAsLast(
  tools: TransferTools,
  shard: ShardId,
  drop: NodeId,
): Promise<boolean> {
  if (await hasIntact(tools, shard, drop)) return false;
  await keepReplica(tools, shard, drop);
  return true;
}

/** Throws while nobody can say: there is time. */
async function hasIntact(tools: TransferTools, shard: ShardId, drop: NodeId): Promise<boolean> {
  const { cluster, physical, replication } = tools;
  const staying = (replication.replicas.placement.shardMap[shard] ?? []).filter(
    (node) => node !== drop,
  );
  for (const node of staying.filter((one) => isInSync(tools, one))) {
    if ((await cluster.isIntact(node, physical)) && isInSync(tools, node)) return true;
  }
  // Lost, or away: only the first is a reason to keep what was to be dropped.
  if (!staying.every((node) => tools.transfers.isDistrusted(node))) {
    throw new TransferFault("no replica that stays is in sync");
  }
  return false;
}

async function keepReplica(
  { cluster, physical, replication }: TransferTools,
  shard: ShardId,
  kept: NodeId,
): Promise<void> {
  const { replicas } = replication;
  const now = replicas.placement.shardMap[shard] ?? [];
  const nodes = exchangedNodes(now, { target: kept, drop: null });
  await cluster.place(physical, { shards: [[shard, nodes]] });
  const shardMap = withShards(replicas.placement.shardMap, [[shard, nodes]]);
  replicas.place({ ...replicas.placement, shardMap });
}
