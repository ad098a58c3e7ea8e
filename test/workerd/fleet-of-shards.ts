/** What tests of moves look at: an index's log, where its shards are, and what each node holds. */
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";

import type { IndexLog } from "../../durable-objects/index-log.ts";
import { shardId, type NodeId, type PhysicalUid, type ShardId } from "../../worker/core/ids.ts";
import { shardFilter } from "../../worker/core/placement/shard-mark.ts";
import type { ShardChange } from "../../worker/core/transfer/shard-change.ts";

export const NODES = ["n0", "n1", "n2"] as unknown as readonly NodeId[];

const cluster = () => env.CLUSTER.getByName("cluster");

export async function registered(uid: string) {
  const reply = await cluster().snapshot("look", undefined);
  if (reply.kind !== "changed") throw new Error("no topology");
  const index = reply.topology.indexes.find((each) => each.uid === uid);
  if (index === undefined) throw new Error(`no index ${uid}`);
  return index;
}

export function logOf(physical: PhysicalUid): DurableObjectStub<IndexLog> {
  return env.INDEX_LOG.getByName(physical);
}

/** A change that moves a shard to the node that does not hold it yet. */
export async function aMove(uid: string, shard: ShardId): Promise<ShardChange> {
  const { shardMap } = await registered(uid);
  const holding = shardMap[shard] ?? [];
  const target = NODES.find((node) => !holding.includes(node)) ?? null;
  return { id: crypto.randomUUID(), shard, target, drop: holding[0] ?? null };
}

/** Asks for changes and waits until they are over. */
export async function carriedOut(uid: string, changes: readonly ShardChange[]) {
  const log = logOf((await registered(uid)).physical);
  await log.transfer(changes);
  return await ended(log, changes);
}

export async function ended(log: DurableObjectStub<IndexLog>, changes: readonly ShardChange[]) {
  const ids = changes.map(({ id }) => id);
  const ours = async () => (await log.transfers()).filter(({ id }) => ids.includes(id));
  await vi.waitUntil(
    async () => {
      const all = await ours();
      return (
        all.length === ids.length &&
        all.every(({ phase }) => ["done", "failed", "canceled"].includes(phase))
      );
    },
    { timeout: 100_000, interval: 50 },
  );
  return await ours();
}

/** The documents of a shard on a node, as the node keeps them, by id. */
export async function held(node: NodeId, physical: PhysicalUid, shard: ShardId) {
  const response = await env.EMBEDDED_NODE.getByName(node).fetch(
    new Request(`http://node/indexes/${physical}/documents/fetch`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ limit: 100_000, filter: shardFilter([shard]) }),
    }),
  );
  if (response.status === 404) return [];
  const { results } = (await response.json()) as { results: { id: number }[] };
  return results.toSorted((a, b) => a.id - b.id);
}

/** Every shard stands whole on its nodes and nowhere else: nothing was left behind. */
export async function expectTidy(uid: string): Promise<void> {
  const { physical, shardMap, mixed, lagging } = await registered(uid);
  expect({ mixed, lagging }).toEqual({ mixed: [], lagging: [] });
  for (const [position, replicas] of shardMap.entries()) {
    const shard = shardId(position);
    const on = await Promise.all(NODES.map((node) => held(node, physical, shard)));
    const [first] = on.filter((_, at) => replicas.includes(NODES[at] as NodeId));
    for (const [at, node] of NODES.entries()) {
      expect([shard, node, on[at]]).toEqual([shard, node, replicas.includes(node) ? first : []]);
    }
  }
}
