import fc from "fast-check";
import { expect, test } from "vitest";

import { groupId, nodeId, physicalUid, shardId } from "../../../worker/core/ids.ts";
import { placeIndex } from "../../../worker/core/placement/place-index.ts";
import { estimate } from "../../../worker/core/rebalance/estimate.ts";
import { nextChanges, placeKey } from "../../../worker/core/rebalance/next-changes.ts";
import {
  placementPlan,
  type PlacedIndex,
  type PlannedChange,
  type PlanScope,
} from "../../../worker/core/rebalance/placement-plan.ts";
import type { Node, NodeState } from "../../../worker/core/topology/topology.ts";

const SHARDS = 48;
const node = (id: string, over: Partial<Node> = {}): Node => ({
  id: nodeId(id),
  url: `embedded://${id}`,
  key: undefined,
  group: groupId("default"),
  zone: undefined,
  weight: 1,
  state: "active",
  health: "healthy",
  ...over,
});
const fleet = (count: number): Node[] => Array.from({ length: count }, (_, i) => node(`n${i}`));
const index = (nodes: readonly Node[], rf: number, name = "i"): PlacedIndex => ({
  physical: physicalUid(name),
  replicationFactor: rf,
  shardMap: placeIndex(physicalUid(name), nodes, SHARDS, rf),
  lagging: [],
});
const everything: PlanScope = { kind: "everything" };
const withState = (nodes: readonly Node[], id: string, state: NodeState): Node[] =>
  nodes.map((one) => (one.id === id ? { ...one, state } : one));

function applied(indexes: readonly PlacedIndex[], changes: readonly PlannedChange[]) {
  return indexes.map((one) => ({
    ...one,
    shardMap: one.shardMap.map((replicas, shard) =>
      changes
        .filter((change) => change.index === one.physical && change.shard === shard)
        .reduce(
          (held, { target, drop }) => [
            ...held.filter((id) => id !== drop),
            ...(target === null ? [] : [target]),
          ],
          replicas,
        ),
    ),
  }));
}

const states = fc.constantFrom<NodeState>("active", "active", "active", "draining", "failed");
const nodes = fc
  .array(
    fc.record({
      state: states,
      group: fc.constantFrom("a", "a", "b").map(groupId),
      zone: fc.constantFrom(undefined, "z0", "z1"),
      weight: fc.constantFrom(1, 1, 2),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((list) => list.map((over, i) => node(`n${i}`, over)));
const shardMaps = (count: number) =>
  fc.array(fc.uniqueArray(fc.integer({ min: 0, max: count }), { maxLength: 4 }), {
    minLength: 6,
    maxLength: 6,
  });
/** Any placement, reached by any history, on any fleet. */
const worlds = nodes.chain((list) =>
  fc.record({
    nodes: fc.constant(list),
    replicationFactor: fc.integer({ min: 1, max: 3 }),
    shardMap: shardMaps(list.length).map((map) =>
      map.map((held) => held.map((position) => nodeId(`n${position}`))),
    ),
    lagging: fc.subarray(list.map(({ id }) => id)),
  }),
);

test("a plan that was carried out leaves nothing to plan, whatever was there before", () => {
  fc.assert(
    fc.property(worlds, ({ nodes: list, ...rest }) => {
      const before = [{ physical: physicalUid("i"), ...rest }];
      const { changes } = placementPlan(before, list, everything);
      const after = placementPlan(applied(before, changes), list, everything);
      expect(after.changes).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("no step leaves a shard with fewer readable replicas than before and than the index asks for", () => {
  fc.assert(
    fc.property(worlds, ({ nodes: list, ...rest }) => {
      const byId = new Map(list.map((one) => [one.id, one]));
      let now: readonly PlacedIndex[] = [{ physical: physicalUid("i"), ...rest }];
      const readable = (shard: number) =>
        (now[0]?.shardMap[shard] ?? []).filter((id) => {
          const state = byId.get(id)?.state;
          return state !== undefined && state !== "failed" && !rest.lagging.includes(id);
        }).length;
      for (const change of placementPlan(now, list, everything).changes) {
        const before = readable(change.shard);
        now = applied(now, [change]);
        // A copy is in sync before the switch, whatever its node has of other shards.
        const gained = change.target !== null && rest.lagging.includes(change.target) ? 1 : 0;
        expect(readable(change.shard) + gained).toBeGreaterThanOrEqual(
          Math.min(before, rest.replicationFactor),
        );
      }
    }),
    { numRuns: 500 },
  );
});

test("adding one node to N moves about 1/(N+1) of the replicas, all of them to it", () => {
  for (const rf of [1, 2, 3]) {
    for (let count = rf; count <= 10; count += 1) {
      const old = fleet(count);
      const added = [...old, node("new")];
      const { changes, waiting } = placementPlan([index(old, rf)], added, everything);
      expect(waiting).toEqual([]);
      expect(changes.every(({ target, drop }) => target === "new" && drop !== null)).toBe(true);
      const share = (SHARDS * rf) / (count + 1);
      expect(changes.length).toBeGreaterThan(share * 0.5);
      expect(changes.length).toBeLessThan(share * 1.5 + 4);
    }
  }
});

test("a drain moves what the node holds and nothing else, also from a placement that is not balanced", () => {
  for (const rf of [1, 2]) {
    const draining = [...withState(fleet(4), "n1", "draining"), node("new")];
    const before = index(fleet(4), rf);
    const scope: PlanScope = { kind: "node", node: nodeId("n1") };
    const { changes, waiting } = placementPlan([before], draining, scope);
    const held = before.shardMap.flatMap((replicas, shard) =>
      replicas.includes(nodeId("n1")) ? [shardId(shard)] : [],
    );
    expect(waiting).toEqual([]);
    expect(changes.map(({ shard }) => shard)).toEqual(held);
    expect(changes.every(({ target, drop }) => drop === "n1" && target !== null)).toBe(true);
  }
});

test("the replication factor goes up by adding and down by dropping", () => {
  const list = fleet(4);
  const one = index(list, 1);
  const up = placementPlan([{ ...one, replicationFactor: 3 }], list, everything);
  expect(up.changes).toHaveLength(2 * SHARDS);
  expect(up.changes.every(({ drop }) => drop === null)).toBe(true);
  const [three] = applied([{ ...one, replicationFactor: 3 }], up.changes);
  if (three === undefined) throw new Error("one index");
  const down = placementPlan([{ ...three, replicationFactor: 1 }], list, everything);
  expect(down.changes.every(({ target }) => target === null)).toBe(true);
  expect(applied([three], down.changes)[0]?.shardMap).toEqual(one.shardMap);
});

test("a replica is not dropped while those that stay have to catch up", () => {
  const list = fleet(3);
  const two = index(list, 2);
  const lagging = { ...two, replicationFactor: 1, lagging: [nodeId("n0")] };
  const { changes, waiting } = placementPlan([lagging], list, everything);
  for (const { index: _, ...rest } of waiting) {
    expect(rest.reason).toBe("not-in-sync");
    expect(placeIndex(two.physical, list, SHARDS, 1)[rest.shard]).toEqual(["n0"]);
  }
  expect(waiting.length).toBeGreaterThan(0);
  expect(changes.length + waiting.length).toBe(SHARDS);
});

test("what a failed node held is copied from others; without others the shard is lost and waits", () => {
  const failed = withState(fleet(3), "n2", "failed");
  const scope: PlanScope = { kind: "node", node: nodeId("n2") };
  const two = placementPlan([index(fleet(3), 2)], failed, scope);
  expect(two.waiting).toEqual([]);
  expect(two.changes.every(({ target, drop }) => target !== null && drop === "n2")).toBe(true);
  const one = placementPlan([index(fleet(3), 1)], failed, scope);
  expect(one.changes).toEqual([]);
  expect(one.waiting.length).toBeGreaterThan(0);
  expect(one.waiting.every(({ reason, node: at }) => reason === "lost" && at === "n2")).toBe(true);
});

test("with too few nodes for the replicas the last ones stay where they are", () => {
  const draining = withState(fleet(2), "n0", "draining");
  const { changes, waiting } = placementPlan([index(fleet(2), 2)], draining, everything);
  expect(changes).toEqual([]);
  expect(waiting).toHaveLength(SHARDS);
  expect(waiting[0]).toMatchObject({ node: "n0", reason: "no-node" });
});

test("a new group is filled from the others, and one that is given up is emptied", () => {
  const near = fleet(3);
  const far = [node("x", { group: groupId("far") }), node("y", { group: groupId("far") })];
  const before = index(near, 2);
  const fill = placementPlan([before], [...near, ...far], everything);
  expect(fill.changes).toHaveLength(2 * SHARDS);
  expect(fill.changes.every(({ drop }) => drop === null)).toBe(true);
  const leaving = far.map((one) => ({ ...one, state: "draining" as const }));
  const full = applied([before], fill.changes);
  const empty = placementPlan(full, [...near, ...leaving], everything);
  expect(applied(full, empty.changes)).toEqual([before]);
});

test("a node that takes another's seat gets exactly that one's shards", () => {
  const before = index(fleet(4), 2);
  const seated = [...withState(fleet(4), "n1", "draining"), node("new", { seat: nodeId("n1") })];
  const { changes } = placementPlan([before], seated, everything);
  const held = before.shardMap.flat().filter((id) => id === "n1");
  expect(changes).toHaveLength(held.length);
  expect(changes.every(({ target, drop }) => target === "new" && drop === "n1")).toBe(true);
});

test("few changes begin at a time, one per shard, and none onto a node that does not answer", () => {
  const list = fleet(3);
  const { changes } = placementPlan(
    [{ ...index(list, 1), replicationFactor: 3 }],
    list,
    everything,
  );
  const isHealthy = (id: string) => id !== "n0";
  const next = nextChanges(changes, new Set([placeKey(changes[0]!)]), isHealthy, 5);
  expect(next).toHaveLength(5);
  expect(new Set(next.map(placeKey)).size).toBe(5);
  expect(next.every(({ target }) => target !== "n0")).toBe(true);
  expect(next.map(placeKey)).not.toContain(placeKey(changes[0]!));
});

test("an estimate counts what is copied", () => {
  const list = fleet(2);
  const { changes } = placementPlan(
    [{ ...index(list, 1), replicationFactor: 2 }],
    list,
    everything,
  );
  const sizes = new Map([[physicalUid("i"), { documents: 10, bytes: 1000 }]]);
  expect(estimate(changes, sizes)).toEqual({
    moves: 0,
    adds: SHARDS,
    drops: 0,
    documents: 10 * SHARDS,
    bytes: 1000 * SHARDS,
  });
});
