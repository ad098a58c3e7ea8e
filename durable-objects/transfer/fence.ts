/**
 * Where a copy begins: the source, and the offset at which source and target stand while it lasts.
 * Chosen in one turn from what feeds have under way, so that nothing can pass the fence before it
 * is stored.
 */
import { logOffset, type LogOffset, type NodeId } from "../../worker/core/ids.ts";
import { isStructural } from "../../worker/core/log/operation.ts";
import { soleReplicas } from "../../worker/core/placement/sole-replicas.ts";
import type { ShardChange } from "../../worker/core/transfer/shard-change.ts";
import type { Cut } from "../../worker/core/transfer/transfer.ts";
import { isInSync } from "./in-sync.ts";
import { TransferFault } from "./node-access.ts";
import type { TransferTools } from "./transfer-tools.ts";

/** How long a feed may take to come to a fence, or to catch up, without moving at all. */
export const STUCK_MS = 60_000;
const LOOK_MS = 20;

/** Why there is nothing to copy to the target; undefined when there is. */
export async function obstacleTo(
  { view, now }: TransferTools,
  target: NodeId,
  holding: readonly NodeId[] | undefined,
): Promise<string | undefined> {
  if (holding === undefined) return "there is no such shard";
  if (holding.includes(target)) return `${target} holds the shard`;
  const node = await view.endpoint(target, now());
  return node === undefined ? `${target} is not one of the cluster's nodes` : undefined;
}

/**
 * An in-sync replica to copy from: rather one that reads and tasks can do without meanwhile, and
 * after a failure another one.
 */
export async function chooseSource(
  tools: TransferTools,
  { shard, target }: ShardChange,
  failures: number,
): Promise<NodeId> {
  const { replication, view, now } = tools;
  const { shardMap, delivered } = replication.replicas.placement;
  const isUsable = (node: NodeId): boolean => isInSync(tools, node);
  const holding = (shardMap[shard] ?? []).filter(
    (node) => node !== target && delivered[shard]?.includes(node) === true && isUsable(node),
  );
  const healthy: NodeId[] = [];
  for (const node of holding) {
    if ((await view.endpoint(node, now()))?.health !== "unreachable") healthy.push(node);
  }
  const isSpared = (node: NodeId): boolean => soleReplicas(shardMap, node, isUsable).length === 0;
  const ranked = [...healthy.filter(isSpared), ...healthy.filter((node) => !isSpared(node))];
  const source = ranked[failures % Math.max(1, ranked.length)];
  if (source === undefined) throw new TransferFault("no replica of the shard is in sync");
  return source;
}

/**
 * The offset at which both can stop; undefined while there is none: in the middle of a change of
 * settings or keys, and while the target is behind with other shards.
 */
export function fenceFor(
  tools: TransferTools,
  source: NodeId,
  target: NodeId,
): LogOffset | undefined {
  const { replication, store, transfers } = tools;
  const { replicas } = replication;
  const [from, to] = [replicas.feed(source), replicas.feed(target)];
  for (const node of [source, target]) {
    if (transfers.isDistrusted(node)) throw new TransferFault(`${node} has lost what it had`);
  }
  if (from === undefined) throw new TransferFault(`${source} is not a replica`);
  if (to !== undefined && store.replica(target).standing !== "in-sync") return undefined;
  return restAt(tools, [source, target]);
}

/** The first offset at which all of these that are replicas can stop. */
export function restAt(
  { replication, store }: TransferTools,
  nodes: readonly NodeId[],
): LogOffset | undefined {
  const ends = nodes.map((node) => replication.replicas.feed(node)?.end ?? 0);
  const fence = logOffset(Math.max(...ends));
  const last = store.entryAt(fence);
  const isUnsettled = last !== undefined && !last.done && isStructural(last.operation.kind);
  return isUnsettled ? undefined : fence;
}

/** Waits until both stand at the fence. */
export async function standing(
  tools: TransferTools,
  { source, fence }: Cut,
  target: NodeId,
): Promise<void> {
  const { store, replication } = tools;
  const nodes = [source, target].filter((node) => replication.replicas.feed(node) !== undefined);
  for (const node of nodes) void replication.replicas.feed(node)?.wake();
  await until(tools, `the replicas do not come to offset ${fence}`, () => {
    const cursors = nodes.map((node) => store.replica(node).cursor);
    return cursors.every((cursor) => cursor === fence) ? true : cursors.join(",");
  });
}

/** Waits for a condition, for as long as what it tells of its progress changes. */
export async function until(
  { now, sleep }: Pick<TransferTools, "now" | "sleep">,
  complaint: string,
  look: () => true | string,
): Promise<void> {
  let seen = "";
  let since = now();
  for (;;) {
    const state = look();
    if (state === true) return;
    if (state !== seen) {
      seen = state;
      since = now();
    } else if (now() - since > STUCK_MS) throw new TransferFault(complaint);
    await sleep(LOOK_MS);
  }
}
