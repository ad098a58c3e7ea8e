import { expect, test } from "vitest";

import { shardId, type NodeId } from "../../worker/core/ids.ts";
import type { ShardChange } from "../../worker/core/transfer/shard-change.ts";
import { aMove, carriedOut, expectTidy, NODES, registered } from "./fleet-of-shards.ts";
import { call, finished } from "./miroir.ts";

interface Item {
  readonly id: number;
  readonly kind: "kept" | "passing";
  readonly n: number;
}

const KEPT = 200;

/** All of Miroir runs in this one isolate: without pauses, clients leave no turn to its timers. */
const breath = () => new Promise((resolve) => setTimeout(resolve, 50));

const kept = (): readonly Item[] =>
  Array.from({ length: KEPT }, (_, id) => ({ id, kind: "kept", n: 0 }));

/** Writes of every kind, one after the other, as long as `goesOn`; what must be there afterwards. */
async function writes(uid: string, goesOn: () => boolean): Promise<ReadonlyMap<number, Item>> {
  const model = new Map(kept().map((item) => [item.id, item]));
  const put = (items: readonly Item[]) => {
    for (const item of items) model.set(item.id, item);
    return call("POST", `/indexes/${uid}/documents`, items);
  };
  for (let round = 1; goesOn(); round += 1) {
    const passing = Array.from({ length: 40 }, (_, i): Item => {
      return { id: KEPT + round * 40 + i, kind: "passing", n: round };
    });
    await put(passing);
    await put(
      kept()
        .filter(({ id }) => id % 7 === round % 7)
        .map((item) => ({ ...item, n: round })),
    );
    const changed = passing.slice(0, 10).map(({ id }) => ({ id, n: -round }));
    for (const { id, n } of changed) model.set(id, { id, kind: "passing", n });
    await call("PUT", `/indexes/${uid}/documents`, changed);
    const gone = passing.slice(20, 25).map(({ id }) => id);
    for (const id of gone) model.delete(id);
    await call("POST", `/indexes/${uid}/documents/delete-batch`, gone);
    for (const [id, { kind, n }] of model) {
      if (kind === "passing" && n === round - 2) model.delete(id);
    }
    await call("POST", `/indexes/${uid}/documents/delete`, {
      filter: `kind = passing AND n = ${round - 2}`,
    });
    if (round % 4 === 0) {
      await call("PUT", `/indexes/${uid}/settings/stop-words`, [`word${round}`]);
    }
    await finished(call("PATCH", `/indexes/${uid}/settings`, { searchCutoffMs: 1000 + round }));
    await breath();
  }
  return model;
}

/** Every search, at any moment, finds each kept document once. */
async function searches(uid: string, goesOn: () => boolean): Promise<number> {
  let count = 0;
  while (goesOn()) {
    const whole = { filter: "kind = kept", limit: 1000, facets: ["kind"] };
    const { status, json, headers } = await call("POST", `/indexes/${uid}/search`, whole);
    expect(status).toBe(200);
    expect(headers.get("X-Miroir-Degraded")).toBeNull();
    const { hits, facetDistribution } = json as {
      hits: Item[];
      facetDistribution: { kind: Record<string, number> };
    };
    expect(new Set(hits.map(({ id }) => id)).size).toBe(hits.length);
    expect(hits).toHaveLength(KEPT);
    expect(facetDistribution.kind).toEqual({ kept: KEPT });
    count += 1;
    await breath();
  }
  return count;
}

async function underLoad(uid: string, work: () => Promise<void>): Promise<void> {
  let isOver = false;
  const goesOn = () => !isOver;
  const writing = writes(uid, goesOn);
  const searching = searches(uid, goesOn);
  try {
    await work();
  } finally {
    isOver = true;
  }
  const model = await writing;
  expect(await searching).toBeGreaterThan(3);
  await finished(call("POST", `/indexes/${uid}/documents`, []));
  const { json } = await call("POST", `/indexes/${uid}/documents/fetch`, { limit: 100_000 });
  const { results } = json as { results: Item[] };
  const byId = (a: Item, b: Item) => a.id - b.id;
  expect(results.toSorted(byId)).toEqual([...model.values()].toSorted(byId));
  await expect.poll(async () => (await registered(uid)).mixed, { timeout: 20_000 }).toEqual([]);
  await expectTidy(uid);
}

async function begin(uid: string): Promise<void> {
  const attributes = ["kind", "n"];
  await finished(call("PUT", `/indexes/${uid}/settings/filterable-attributes`, attributes));
  await finished(call("POST", `/indexes/${uid}/documents`, kept()));
}

test("shards move under writes of every kind: searches are complete, nothing is lost", async () => {
  await begin("busy");
  await underLoad("busy", async () => {
    const moves = await Promise.all([0, 1, 2, 3, 4].map((shard) => aMove("busy", shardId(shard))));
    for (const { phase, error } of await carriedOut("busy", moves)) {
      expect({ phase, error }).toEqual({ phase: "done", error: null });
    }
  });
}, 240_000);

test("replicas go down to one, shards move with a single one, and come back to two", async () => {
  await begin("thin");
  const { shardMap } = await registered("thin");
  const change = (shard: number, target: NodeId | null, drop: NodeId | null): ShardChange => {
    return { id: crypto.randomUUID(), shard: shardId(shard), target, drop };
  };
  await underLoad("thin", async () => {
    const fewer = shardMap.map(([first], shard) => change(shard, null, first ?? null));
    const thin = await carriedOut("thin", fewer);
    expect(new Set(thin.map(({ phase }) => phase))).toEqual(new Set(["done"]));
    expect((await registered("thin")).shardMap.every((nodes) => nodes.length === 1)).toBe(true);
    const moves = [0, 1, 2, 3].map((shard) => {
      const [, only] = shardMap[shard] ?? [];
      return change(shard, NODES.find((node) => node !== only) ?? null, only ?? null);
    });
    const moved = await carriedOut("thin", moves);
    expect(new Set(moved.map(({ phase }) => phase))).toEqual(new Set(["done"]));
    const { shardMap: now } = await registered("thin");
    const more = now.slice(0, 6).map(([only], shard) => {
      return change(shard, NODES.findLast((node) => node !== only) ?? null, null);
    });
    const thick = await carriedOut("thin", more);
    expect(new Set(thick.map(({ phase }) => phase))).toEqual(new Set(["done"]));
  });
  const { shardMap: last } = await registered("thin");
  expect(last.map((nodes) => nodes.length)).toEqual(shardMap.map((_, at) => (at < 6 ? 2 : 1)));
}, 240_000);
