/** Reshards in the control loop: on their own, and beside everything else that moves shards. */
import { beforeAll, expect, test, vi } from "vitest";

import { nodeId } from "../../../worker/core/ids.ts";
import type { OperationIntent } from "../../../worker/core/rebalance/operation.ts";
import { steer } from "../../../worker/core/rebalance/steer-operation.ts";
import { FAIL_AFTER_MS, FakeCluster, fleetNode, MOVIES } from "./fake-cluster.ts";

// The loop reports what it does to the operator's log.
beforeAll(() => void vi.spyOn(console, "log").mockReturnValue());

const n = (position: number) => nodeId(`n${position}`);

test("a reshard is one step, and over when the successor has taken the index's place", async () => {
  const cluster = new FakeCluster(3, 2);
  const id = cluster.submit({ kind: "reshard", ...MOVIES, from: 12, to: 48 });
  expect(cluster.submit({ kind: "repair", ...MOVIES, shards: 12 })).toContain("running");
  expect(cluster.submit({ kind: "replicas", ...MOVIES, from: 2, to: 3 })).toContain("running");
  expect(cluster.submit({ kind: "reshard", ...MOVIES, from: 12, to: 6 })).toContain("running");
  await cluster.settle();
  expect(cluster.operations.get(Number(id))).toMatchObject({ state: "succeeded", begun: 1 });
  expect(cluster.indexes().map(({ shardMap }) => shardMap.length)).toEqual([48, 12]);
});

const RESHARD: OperationIntent = { kind: "reshard", ...MOVIES, from: 12, to: 48 };

test.for<[string, OperationIntent, (cluster: FakeCluster) => void]>([
  ["drain", { kind: "drain", node: n(0) }, (cluster) => expect(cluster.holding("n0")).toBe(0)],
  ["remove", { kind: "remove", node: n(1) }, (cluster) => expect(cluster.holding("n1")).toBe(0)],
  [
    "rebalance",
    { kind: "rebalance" },
    (cluster) => expect(cluster.holding("n4")).toBeGreaterThan(0),
  ],
])("a %s and a reshard wait for one another, whichever was first", async ([kind, intent, see]) => {
  for (const looksBetween of [0, 1, 2, 3, 5, 8]) {
    for (const order of [
      [intent, RESHARD],
      [RESHARD, intent],
    ] as const) {
      const cluster = new FakeCluster(4, 2);
      cluster.addNode(fleetNode("n4"));
      expect(cluster.submit(order[0])).toBe(1);
      await cluster.pass(looksBetween * 1000);
      expect(cluster.submit(order[1])).toBe(2);
      await cluster.settle();
      expect(cluster.states().toSorted()).toEqual(
        [`${kind} succeeded`, "reshard succeeded"].toSorted(),
      );
      expect(cluster.indexes().map(({ shardMap }) => shardMap.length)).toEqual([48, 12]);
      expect(cluster.broken).toEqual([]);
      see(cluster);
    }
  }
});

test("a reshard cannot be paused, as writes wait for it", async () => {
  const cluster = new FakeCluster(3, 2);
  cluster.submit(RESHARD);
  const [operation] = cluster.unfinished();
  expect(operation && steer(operation, "pause")).toEqual({
    kind: "refused",
    reason: expect.stringContaining("cannot be paused"),
  });
});

test("what waits for a reshard says so, and other indexes move meanwhile", async () => {
  const cluster = new FakeCluster(4, 2);
  cluster.submit(RESHARD);
  await cluster.pass(2000);
  const id = Number(cluster.submit({ kind: "drain", node: n(0) }));
  await cluster.pass(2000);
  const drain = cluster.operations.get(id);
  expect(new Set(drain?.waiting.map(({ reason }) => reason))).toEqual(new Set(["resharding"]));
  const moved = [...cluster.steps.values()].filter(({ kind }) => kind === "move");
  expect(new Set(moved.map(({ index }) => index))).toEqual(new Set(["books-2"]));
});

test("a node that fails during a reshard is rebuilt when that is over, or canceled", async () => {
  for (const isCanceled of [false, true]) {
    const cluster = new FakeCluster(4, 2);
    const reshard = Number(cluster.submit(RESHARD));
    await cluster.pass(2000);
    cluster.setDown("n2", true);
    if (isCanceled) cluster.setState(reshard, "canceling");
    await cluster.pass(FAIL_AFTER_MS);
    await cluster.settle();
    const end = isCanceled ? "canceled" : "succeeded";
    expect(cluster.states()).toEqual([`reshard ${end}`, "fail succeeded"]);
    expect(cluster.holding("n2")).toBe(0);
    expect(cluster.broken).toEqual([]);
  }
});

test.for([
  [2, "canceled", 12],
  [7, "succeeded", 48],
] as const)("a reshard that is canceled after %i looks is %s", async ([looks, state, shards]) => {
  const cluster = new FakeCluster(3, 1);
  const id = Number(cluster.submit({ kind: "reshard", ...MOVIES, from: 12, to: 48 }));
  await cluster.pass(looks * 1000);
  cluster.setState(id, "canceling");
  await cluster.settle();
  expect(cluster.operations.get(id)?.state).toBe(state);
  expect(cluster.indexes()[0]?.shardMap).toHaveLength(shards);
});

test("a reshard survives kills and cut-off calls of the Cluster", async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    let state = seed;
    const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const cluster = new FakeCluster(3, 1, { happens: (p) => next() < p });
    cluster.crashes = 0.2;
    cluster.cutOffs = 0.2;
    cluster.submit({ kind: "reshard", ...MOVIES, from: 12, to: 24 });
    await cluster.settle();
    expect(cluster.states()).toEqual(["reshard succeeded"]);
    expect(cluster.indexes()[0]?.shardMap).toHaveLength(24);
  }
});
