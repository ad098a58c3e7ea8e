import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";

import { nodeId } from "../../../worker/core/ids.ts";
import type { OperationIntent } from "../../../worker/core/rebalance/operation.ts";
import { steer } from "../../../worker/core/rebalance/steer-operation.ts";
import { FAIL_AFTER_MS, FakeCluster, fleetNode, MOVIES } from "./fake-cluster.ts";

// The loop reports what it does to the operator's log.
beforeAll(() => void vi.spyOn(console, "log").mockReturnValue());

const n = (position: number) => nodeId(`n${position}`);

interface Case {
  readonly name: string;
  readonly nodes: number;
  readonly rf: number;
  readonly act: (cluster: FakeCluster) => void;
  readonly see: (cluster: FakeCluster) => void;
}

const CASES: readonly Case[] = [
  {
    name: "a node that joins is filled by a rebalance",
    nodes: 3,
    rf: 2,
    act: (cluster) => {
      cluster.addNode(fleetNode("n3", { state: "active" }));
      cluster.submit({ kind: "rebalance" });
    },
    see: (cluster) => {
      expect(cluster.states()).toEqual(["rebalance succeeded"]);
      expect(cluster.holding("n3")).toBeGreaterThan(6);
      expect(cluster.drift()).toBe(0);
    },
  },
  {
    name: "a drained node is empty and still there",
    nodes: 4,
    rf: 2,
    act: (cluster) => cluster.submit({ kind: "drain", node: n(1) }),
    see: (cluster) => {
      expect(cluster.states()).toEqual(["drain succeeded"]);
      expect(cluster.holding("n1")).toBe(0);
      expect(cluster.nodes().map(({ state }) => state)).toContain("draining");
      expect(cluster.drift()).toBe(0);
    },
  },
  {
    name: "a removed node is empty and gone, also when it was being drained",
    nodes: 4,
    rf: 1,
    act: (cluster) => {
      cluster.submit({ kind: "drain", node: n(1) });
      cluster.submit({ kind: "remove", node: n(1) });
    },
    see: (cluster) => {
      expect(cluster.states()).toEqual(["drain canceled", "remove succeeded"]);
      expect(cluster.nodes().map(({ id }) => id)).not.toContain("n1");
      expect(cluster.holding("n1")).toBe(0);
    },
  },
  {
    name: "a replaced node's shards all go to the node in its seat, and nothing else moves",
    nodes: 3,
    rf: 2,
    act: (cluster) => {
      cluster.addNode(fleetNode("n9"));
      cluster.submit({ kind: "replace", node: n(0), by: nodeId("n9") });
    },
    see: (cluster) => {
      expect(cluster.states()).toEqual(["replace succeeded"]);
      expect(cluster.nodes().map(({ id }) => id)).toEqual(["n1", "n2", "n9"]);
      expect([...cluster.steps.values()].every(({ change }) => change.target === "n9")).toBe(true);
      expect(cluster.drift()).toBe(0);
    },
  },
  {
    name: "the replicas of one index change, those of others do not",
    nodes: 3,
    rf: 1,
    act: (cluster) => cluster.submit({ kind: "replicas", ...MOVIES, from: 1, to: 3 }),
    see: (cluster) => {
      expect(cluster.states()).toEqual(["replicas succeeded"]);
      expect(cluster.indexes().map(({ shardMap }) => shardMap[0]?.length)).toEqual([3, 1]);
    },
  },
  {
    name: "every shard of an index is compared once",
    nodes: 3,
    rf: 2,
    act: (cluster) => cluster.submit({ kind: "repair", ...MOVIES, shards: 12 }),
    see: (cluster) => {
      expect(cluster.states()).toEqual(["repair succeeded"]);
      const shards = [...cluster.steps.values()].map(({ change }) => Number(change.shard));
      expect(shards.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    },
  },
  {
    name: "an index that is deleted meanwhile holds nothing up",
    nodes: 4,
    rf: 2,
    act: (cluster) => {
      cluster.submit({ kind: "drain", node: n(1) });
      cluster.removeIndex(MOVIES.index);
    },
    see: (cluster) => {
      expect(cluster.states()).toEqual(["drain succeeded"]);
    },
  },
];

test.for(CASES)("$name", async ({ nodes, rf, act, see }) => {
  const cluster = new FakeCluster(nodes, rf);
  act(cluster);
  await cluster.settle();
  see(cluster);
  expect(cluster.broken).toEqual([]);
  expect(cluster.movesUnderWay).toBeLessThanOrEqual(4);
});

test("a node that stays away is rebuilt elsewhere; when it returns it is active, and empty", async () => {
  const cluster = new FakeCluster(4, 2);
  cluster.setDown("n2", true);
  await cluster.pass(FAIL_AFTER_MS - 5000);
  expect(cluster.states()).toEqual([]);
  await cluster.pass(10_000);
  expect(cluster.states()).toEqual(["fail running"]);
  await cluster.settle();
  expect(cluster.states()).toEqual(["fail succeeded"]);
  expect(cluster.holding("n2")).toBe(0);
  cluster.setDown("n2", false);
  await cluster.pass(5000);
  expect(cluster.nodes().find(({ id }) => id === "n2")?.state).toBe("active");
  expect(cluster.broken).toEqual([]);
});

test("shards without another replica are named, and wait for their node", async () => {
  const cluster = new FakeCluster(3, 1);
  cluster.setDown("n2", true);
  await cluster.pass(FAIL_AFTER_MS + 60_000);
  const [operation] = cluster.unfinished();
  expect(operation?.waiting.length).toBe(cluster.holding("n2"));
  expect(operation?.waiting.every(({ reason }) => reason === "lost")).toBe(true);
  cluster.setDown("n2", false);
  await cluster.settle();
  expect(cluster.states()).toEqual(["fail succeeded"]);
  expect(cluster.steps.size).toBe(0);
});

test("an operation that only waits does not keep the cluster busy", async () => {
  const cluster = new FakeCluster(3, 1);
  cluster.setDown("n2", true);
  await cluster.pass(FAIL_AFTER_MS + 5000);
  expect(cluster.unfinished()).toHaveLength(1);
  expect(await cluster.look()).toBe(false);
  cluster.submit({ kind: "drain", node: n(1) });
  expect(await cluster.look()).toBe(true);
});

test("with most of the fleet away nothing is taken for failed", async () => {
  const cluster = new FakeCluster(3, 2);
  cluster.setDown("n1", true);
  cluster.setDown("n2", true);
  await cluster.pass(10 * FAIL_AFTER_MS);
  expect(cluster.states()).toEqual([]);
});

test("a paused operation begins nothing, a canceled one ends where it is", async () => {
  const cluster = new FakeCluster(3, 2, undefined, 1);
  cluster.addNode(fleetNode("n3"));
  const id = Number(cluster.submit({ kind: "rebalance" }));
  await cluster.pass(4000);
  cluster.setState(id, "paused");
  await cluster.pass(10_000);
  const held = cluster.holding("n3");
  expect(cluster.underWay()).toEqual([]);
  await cluster.pass(60_000);
  expect(cluster.holding("n3")).toBe(held);
  cluster.setState(id, "canceling");
  await cluster.settle();
  expect(cluster.states()).toEqual(["rebalance canceled"]);
  expect(cluster.drift()).toBeGreaterThan(0);
});

test("a pause takes back what has not begun to copy, and a resume begins it again", async () => {
  const cluster = new FakeCluster(3, 2);
  cluster.addNode(fleetNode("n3"));
  const id = Number(cluster.submit({ kind: "rebalance" }));
  await cluster.look();
  expect(cluster.underWay()).toHaveLength(4);
  cluster.setState(id, "paused");
  for (let looks = 0; looks < 3; looks += 1) await cluster.look();
  expect(cluster.underWay()).toEqual([]);
  expect(cluster.holding("n3")).toBe(0);
  expect(cluster.operations.get(id)).toMatchObject({ state: "paused", failures: 0 });
  cluster.setState(id, "running");
  await cluster.settle();
  expect(cluster.states()).toEqual(["rebalance succeeded"]);
  expect(cluster.drift()).toBe(0);
});

test("a pause lets copies that have begun come to their end", async () => {
  const cluster = new FakeCluster(3, 2, undefined, 2);
  cluster.addNode(fleetNode("n3"));
  const id = Number(cluster.submit({ kind: "rebalance" }));
  await cluster.pass(2000);
  const begun = cluster.underWay();
  expect(new Set(begun.map(({ phase }) => phase))).toEqual(new Set(["copying"]));
  cluster.setState(id, "paused");
  await cluster.pass(10_000);
  expect(begun.map(({ change }) => cluster.steps.get(change.id)?.phase)).toEqual(["done", "done"]);
});

test("an operation whose steps keep failing ends, and says why", async () => {
  const cluster = new FakeCluster(4, 2, { happens: (probability) => probability === 1 });
  cluster.failures = 1;
  cluster.submit({ kind: "drain", node: n(0) });
  await cluster.settle();
  expect([...cluster.operations.values()]).toMatchObject([
    { state: "failed", error: "the copy broke off" },
  ]);
});

test.for<[string, OperationIntent]>([
  ["there is no node `n7`", { kind: "drain", node: n(7) }],
  [
    "an index has 2 replicas, and group `default` would keep 1 nodes that take shards: add a node first, or lower the replication factor",
    { kind: "remove", node: n(0) },
  ],
  [
    "group `default` has only 2 nodes that take shards",
    { kind: "replicas", ...MOVIES, from: 2, to: 3 },
  ],
])("refused: %s", ([reason, intent]) => {
  expect(new FakeCluster(2, 2).submit(intent)).toBe(reason);
});

test("a second operation of the same kind is refused and names the first", () => {
  const cluster = new FakeCluster(4, 2);
  cluster.submit({ kind: "rebalance" });
  expect(cluster.submit({ kind: "rebalance" })).toBe(
    "operation 1 (rebalance) is running: wait for it, or cancel it",
  );
});

const ACTS = [
  "add",
  "drain",
  "remove",
  "replicas",
  "rebalance",
  "reshard",
  "fail",
  "return",
  "cancel",
  "pause",
  "resume",
] as const;
type Act = (typeof ACTS)[number];
const acts = fc.array(
  fc.tuple(fc.constantFrom(...ACTS), fc.nat(5), fc.integer({ min: 0, max: 120_000 })),
  { minLength: 1, maxLength: 8 },
);

function perform(cluster: FakeCluster, act: Act, choice: number): void {
  switch (act) {
    case "add":
      if (cluster.nodes().length < 7) {
        cluster.addNode(fleetNode(`a${cluster.operations.size}-${choice}`, { state: "joining" }));
      }
      return;
    case "drain":
    case "remove":
      cluster.submit({ kind: act, node: n(choice) });
      return;
    case "replicas":
      cluster.submit({ kind: "replicas", ...MOVIES, from: 0, to: 1 + (choice % 3) });
      return;
    case "rebalance":
      cluster.submit({ kind: "rebalance" });
      return;
    case "reshard":
      cluster.submit({ kind: "reshard", ...MOVIES, from: 12, to: 13 + choice });
      return;
    case "pause":
    case "resume":
      for (const operation of cluster.unfinished().slice(0, 1)) {
        const steered = steer(operation, act);
        if (steered.kind === "steered") cluster.put(steered.operation);
      }
      return;
    case "fail":
      cluster.setDown(`n${choice}`, true);
      return;
    case "return":
      cluster.setDown(`n${choice}`, false);
      return;
    case "cancel":
      for (const { id, intent } of cluster.unfinished().slice(0, 1)) {
        if (intent.kind !== "fail") cluster.setState(id, "canceling");
      }
  }
}

test("whatever happens, cut off anywhere: every operation ends and a rebalance leads to the plan", async () => {
  await fc.assert(
    fc.asyncProperty(acts, fc.infiniteStream(fc.nat(999)), async (list, dice) => {
      const roll = (): number => dice.next().value ?? 0;
      const chance = { happens: (probability: number) => roll() < probability * 1000 };
      const cluster = new FakeCluster(5, 2, chance);
      cluster.crashes = 0.1;
      cluster.cutOffs = 0.1;
      cluster.failures = 0.02;
      for (const [act, choice, waitMs] of list) {
        perform(cluster, act, choice);
        await cluster.pass(Math.min(waitMs, 20_000));
      }
      // Faults stop: from here on everything must come to its end.
      cluster.crashes = 0;
      cluster.cutOffs = 0;
      cluster.failures = 0;
      for (let position = 0; position < 6; position += 1) cluster.setDown(`n${position}`, false);
      for (const { id, state } of cluster.unfinished()) {
        if (state === "paused") cluster.setState(id, "running");
      }
      await cluster.settle();
      cluster.submit({ kind: "rebalance" });
      await cluster.settle();
      expect(cluster.unfinished()).toEqual([]);
      expect(cluster.broken).toEqual([]);
      expect(cluster.drift()).toBe(0);
    }),
    { numRuns: 150 },
  );
}, 60_000);
