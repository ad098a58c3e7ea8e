import { describe, expect, test } from "vitest";
import { nodeId, type NodeId } from "../../worker/core/ids.ts";
import type { CoverPart } from "../../worker/core/placement/covering-set.ts";
import type { ShardMap } from "../../worker/core/topology/topology.ts";
import { scatter, type ScatterRequest } from "../../worker/search/scatter.ts";
import { answered, fleetOf, indexOf, nodeOf, refused, unreachable } from "./read-fixtures.ts";

const [a, b, c] = [nodeId("a"), nodeId("b"), nodeId("c")];

/** Every shard on two of three nodes. */
const TWICE: ShardMap = [
  [a, b],
  [b, c],
  [c, a],
  [a, c],
];

const request = (part: CoverPart): ScatterRequest => ({
  method: "POST",
  path: "/x",
  body: JSON.stringify(part.shards),
});

const ok = (): ReturnType<typeof answered> => answered("{}");

function shardsOf(answers: readonly { readonly part: CoverPart }[]): number[] {
  return answers.flatMap(({ part }) => [...part.shards]).toSorted((x, y) => x - y);
}

const nodesOf = (asked: readonly { readonly node: NodeId }[]): string[] =>
  asked.map(({ node }) => node).toSorted();

describe("scatter", () => {
  test("asks a covering set: every shard once, few nodes", async () => {
    const fleet = fleetOf({ a: ok, b: ok, c: ok });
    const { answers, missing } = await scatter(fleet, indexOf({}, TWICE), request);
    expect(shardsOf(answers)).toEqual([0, 1, 2, 3]);
    expect(answers).toHaveLength(2);
    expect(missing).toEqual([]);
  });

  test.for([
    ["is unreachable", unreachable],
    ["is overloaded", refused(503, "too_many_search_requests")],
    ["is broken", refused(500, "internal")],
    ["does not take the node key", refused(403, "invalid_api_key")],
    ["has not got the index yet", refused(400, "index_not_found")],
    ["is not set up for merging", refused(400, "feature_not_enabled", "enable the `network`")],
  ] as const)("other replicas answer for a node that %s", async ([, reply]) => {
    const fleet = fleetOf({ a: () => reply, b: ok, c: ok });
    const { answers, missing } = await scatter(fleet, indexOf({}, TWICE), request);
    expect(shardsOf(answers)).toEqual([0, 1, 2, 3]);
    expect(answers.map(({ part }) => part.node)).not.toContain(a);
    expect(missing).toEqual([]);
    expect(fleet.asked.filter(({ node }) => node === a)).toHaveLength(1);
  });

  test("a refusal of the request is the answer, in the client's terms", async () => {
    const fleet = fleetOf({
      a: () => refused(400, "invalid_search_filter", "Inside `.queries[0]`: Index `movies-1`: bad"),
      b: () => new Promise(() => undefined),
      c: () => new Promise(() => undefined),
    });
    await expect(scatter(fleet, indexOf({}, TWICE), request)).rejects.toMatchObject({
      status: 400,
      code: "invalid_search_filter",
      message: "Index `movies`: bad",
    });
  });

  test("shards that nobody answers for are missing, and the others are answered", async () => {
    const fleet = fleetOf({ a: () => unreachable, b: ok, c: () => unreachable });
    const { answers, missing } = await scatter(fleet, indexOf({}, TWICE), request);
    expect(shardsOf(answers)).toEqual([0, 1]);
    expect(missing).toEqual([2, 3]);
  });

  test("missing shards are an error when the policy says so", async () => {
    const fleet = fleetOf(
      { a: () => unreachable, b: ok, c: () => unreachable },
      { policy: "error" },
    );
    await expect(scatter(fleet, indexOf({}, TWICE), request)).rejects.toMatchObject({
      code: "miroir_shard_unavailable",
      status: 503,
      message: expect.stringContaining("2, 3") as string,
    });
  });

  test("no answer at all is an error whatever the policy", async () => {
    const fleet = fleetOf({ a: () => unreachable, b: () => unreachable, c: () => unreachable });
    await expect(scatter(fleet, indexOf({}, TWICE), request)).rejects.toMatchObject({
      code: "miroir_shard_unavailable",
    });
  });

  test("when every node is overloaded the client hears that", async () => {
    const reply = refused(503, "too_many_search_requests");
    const busy = () => ({ ...reply, retryAfterSeconds: 10 });
    const fleet = fleetOf({ a: busy, b: busy, c: busy });
    await expect(scatter(fleet, indexOf({}, TWICE), request)).rejects.toMatchObject({
      code: "too_many_search_requests",
      status: 503,
      retryAfterSeconds: 10,
    });
  });

  test("a node that hangs is left in time for another replica", async () => {
    const fleet = fleetOf({ a: () => new Promise(() => undefined), b: ok, c: ok });
    const read = { ...fleet, deadlineAt: fleet.now() + 200 };
    const { answers } = await scatter(read, indexOf({}, TWICE), request);
    expect(shardsOf(answers)).toEqual([0, 1, 2, 3]);
  });

  test("nothing lasts beyond the deadline", async () => {
    const hang = (): Promise<never> => new Promise(() => undefined);
    const fleet = fleetOf({ a: hang, b: hang, c: hang });
    const deadlineAt = fleet.now() + 100;
    await expect(
      scatter({ ...fleet, deadlineAt }, indexOf({}, TWICE), request),
    ).rejects.toMatchObject({
      code: "miroir_shard_unavailable",
    });
    expect(fleet.now() - deadlineAt).toBeLessThan(100);
  });

  test("a node that probes could not reach is tried last, but tried", async () => {
    const fleet = fleetOf({ a: ok, b: ok, c: ok });
    const nodes = [nodeOf("a", { health: "unreachable" }), nodeOf("b"), nodeOf("c")];
    const read = { ...fleet, topology: { ...fleet.topology, nodes } };
    await scatter(read, indexOf({}, TWICE), request);
    expect(nodesOf(fleet.asked)).toEqual(["b", "c"]);
    await scatter(read, indexOf({}, [[a], [b]]), request);
    expect(nodesOf(fleet.asked)).toEqual(["a", "b", "b", "c"]);
  });

  test("among nodes that serve equally the less loaded is asked", async () => {
    const fleet = fleetOf({ a: ok, b: ok }, { load: (node) => (node === a ? 5 : 1) });
    await scatter(fleet, indexOf({}, [[a, b]]), request);
    expect(nodesOf(fleet.asked)).toEqual(["b"]);
  });
});
