/**
 * Compares the replicas of a shard at one offset of the log, and their settings with those of the
 * index. All of them stand still while they are read; what is found to differ is brought back where
 * that is wanted, out of reads meanwhile.
 */
import type { LogOffset, NodeId, ShardId } from "../../worker/core/ids.ts";
import { withShards } from "../../worker/core/topology/place-shards.ts";
import { dissenters } from "../../worker/core/transfer/dissent.ts";
import type { ShardReport } from "../../worker/core/transfer/shard-change.ts";
import { report } from "../report.ts";
import { restAt, until } from "./fence.ts";
import { isInSync } from "./in-sync.ts";
import { demandIntact } from "./intact.ts";
import type { MixedNodes } from "./mixed-nodes.ts";
import { digestOf, primaryKeyOn } from "./shard-pages.ts";
import { SettingsCheck } from "./settings-check.ts";
import type { TransferTools } from "./transfer-tools.ts";
import type { ReplicaOfShard } from "./transfer-store.ts";

interface Standstill {
  readonly nodes: readonly NodeId[];
  readonly fence: LogOffset;
}

export class Comparison {
  readonly #tools: TransferTools;
  readonly #settings: SettingsCheck;
  /** Not stored: with the object that compared, nobody waits for the result. */
  #standstill: Standstill | undefined;

  constructor(tools: TransferTools) {
    this.#tools = tools;
    this.#settings = new SettingsCheck(tools);
  }

  /** The offset beyond which a node gets nothing while it is compared. */
  limitOf(node: NodeId): LogOffset | undefined {
    return this.#standstill?.nodes.includes(node) === true ? this.#standstill.fence : undefined;
  }

  async compare(shard: ShardId, repairs: boolean): Promise<ShardReport> {
    const { replication, store } = this.#tools;
    const { replicas } = replication;
    const { shardMap } = await replicas.open();
    const nodes = (shardMap[shard] ?? []).filter((node) => isInSync(this.#tools, node));
    const skipped = (reason: string) => ({ kind: "skipped", shard, reason }) as const;
    if (store.fact("closed") !== undefined) return skipped("the index is deleted");
    if (nodes.length === 0) return skipped("no replica is in sync");
    if (this.#standstill !== undefined) return skipped("another comparison is under way");
    try {
      await until(this.#tools, "the index does not come to rest", () => {
        const fence = restAt(this.#tools, nodes);
        if (fence === undefined) return `${store.finishedTo()}`;
        this.#standstill = { nodes, fence };
        return true;
      });
      return await this.#read(shard, nodes, repairs);
    } finally {
      this.#standstill = undefined;
      for (const feed of replicas.feeds) void feed.wake();
    }
  }

  async #read(shard: ShardId, nodes: readonly NodeId[], repairs: boolean): Promise<ShardReport> {
    const { access, physical, store, transfers } = this.#tools;
    const offset = this.#standstill?.fence ?? store.head();
    await until(this.#tools, `the replicas do not come to offset ${offset}`, () => {
      const cursors = nodes.map((node) => store.replica(node).cursor);
      return cursors.every((cursor) => cursor === offset) ? true : cursors.join(",");
    });
    const [node] = nodes;
    const primaryKey =
      offset === 0 || node === undefined ? null : await primaryKeyOn(access, { node, physical });
    if (offset > 0) await this.#settings.check(nodes, repairs);
    const skipped = (reason: string) => ({ kind: "skipped", shard, reason }) as const;
    if (nodes.length < 2) return skipped("fewer than two replicas are in sync");
    if (primaryKey === null) return skipped("there are no documents");
    const told = await Promise.all(
      nodes.map(async (each) => {
        const digest = await digestOf(access, { node: each, physical, shard }, primaryKey);
        return { node: each, key: digest.key, digest, documents: digest.documents };
      }),
    );
    const replicas = told.map(({ node: each, documents, digest }) => {
      return { node: each, documents, digest: digest.short };
    });
    const wrong = dissenters(told);
    if (wrong.length === 0) return { kind: "same", shard, offset, replicas };
    // One that has an old disk is no witness, and is copied anew as a whole.
    await demandIntact(this.#tools, nodes);
    const right = told.find((each) => !wrong.includes(each.node))?.digest;
    const ranges = Math.max(
      ...told.map(({ digest }) => (right === undefined ? 0 : digest.differences(right))),
    );
    const repaired = repairs ? wrong : [];
    for (const each of repaired) transfers.addRepair({ node: each, shard });
    const found = { shard, offset, replicas, wrong, repaired, ranges };
    report("replicas_differ", { index: physical, ...found });
    return { kind: "different", ...found };
  }
}

/** Takes a replica of a shard out of reads, then asks for it anew. */
export async function repairReplica(
  tools: TransferTools,
  mixed: MixedNodes,
  { node, shard }: ReplicaOfShard,
): Promise<void> {
  const { replication, transfers, cluster, view, physical } = tools;
  const { replicas } = replication;
  const { shardMap } = replicas.placement;
  const others = (shardMap[shard] ?? []).filter((other) => other !== node);
  const isNeeded = !others.some((other) => isInSync(tools, other));
  // It has gone meanwhile, or it is all that there is: the next comparison decides anew.
  if (shardMap[shard]?.includes(node) !== true || isNeeded) {
    transfers.removeRepair({ node, shard });
    return;
  }
  const id = `repair/${node}/${shard}/${crypto.randomUUID()}`;
  const change = { id, shard, target: node, drop: null };
  await mixed.announce(change);
  await view.leasesEnded(await cluster.place(physical, { shards: [[shard, others]] }));
  const { delivered } = replicas.placement;
  const left = (delivered[shard] ?? []).filter((other) => other !== node);
  replicas.place({
    shardMap: withShards(replicas.placement.shardMap, [[shard, others]]),
    delivered: withShards(delivered, [[shard, left]]),
  });
  transfers.add(change);
  transfers.removeRepair({ node, shard });
}
