import { expect, test } from "vitest";

import { clockFinding, topologyFindings, writesFinding } from "../../scripts/ctl/doctor.ts";

type Topology = Parameters<typeof topologyFindings>[0];
type NodeView = Topology["nodes"][number];

const node = (over: Partial<NodeView> = {}): NodeView => ({
  id: "n0",
  url: "http://h",
  group: "default",
  zone: null,
  weight: 1,
  state: "active",
  health: "healthy",
  problem: null,
  downSince: null,
  replicas: 4,
  ...over,
});
const topology = (over: Partial<Topology> = {}): Topology => ({
  epoch: 1,
  time: "2026-01-01T00:00:00.000Z",
  nodes: [node()],
  indexes: [],
  aliases: [],
  operations: [],
  drift: 0,
  ...over,
});
const index = { uid: "m", physical: "m-1", replicationFactor: 2, shards: 4, lagging: [] };

test.for<[string, Partial<Topology>, string]>([
  ["nothing", {}, "good node n0 is healthy, 4 replicas"],
  [
    "a node that is away",
    { nodes: [node({ health: "unreachable", problem: "refused" })] },
    "bad node n0 is unreachable: refused",
  ],
  [
    "a node that can be switched off",
    { nodes: [node({ state: "draining", replicas: 0 })] },
    "look node n0 is drained, 0 replicas",
  ],
  [
    "an alias of an index that is gone",
    { aliases: [{ name: "live", indexes: ["m1"], missing: ["m1"] }] },
    "bad alias live leads to m1, which does not exist",
  ],
  [
    "a replica that is behind",
    { indexes: [{ ...index, lagging: ["n1"] }] },
    "bad index m: n1 is behind with writes",
  ],
  [
    "one replica on several nodes",
    { nodes: [node(), node()], indexes: [{ ...index, replicationFactor: 1 }] },
    "look index m has one replica: while a node is away, its shards cannot be read",
  ],
  [
    "drift",
    { drift: 3 },
    "look 3 replicas are not where they are wanted: miroir-ctl rebalance --dry-run",
  ],
])("the doctor on %s", ([, over, expected]) => {
  const found = topologyFindings(topology(over)).map(({ grade, text }) => `${grade} ${text}`);
  expect(found).toContain(expected);
});

test("a clock is wrong only by what the way there and back cannot explain", () => {
  expect(clockFinding(5000, 0, 10_000).grade).toBe("good");
  expect(clockFinding(20_000, 0, 10_000)).toEqual({
    grade: "look",
    text: "its clock and this machine's are 10 s apart",
  });
});

test("waiting tasks are named with whom they wait for, and a log that fills", () => {
  const writes = {
    index: "books",
    minInSync: 2,
    head: 9,
    finishedTo: 7,
    bytes: 10,
    bytesMax: 1000,
    replicas: [
      { node: "n1", standing: "lagging" as const, cursor: 3, trouble: "connection refused" },
    ],
    waiting: null,
  };
  expect(writesFinding(writes)).toBeUndefined();
  expect(writesFinding({ ...writes, bytes: 700 })).toEqual({
    grade: "look",
    text: "index books: its write log is full to 70 %",
  });
  const nodes = ["n1", "n2"];
  expect(writesFinding({ ...writes, waiting: { reason: "min-in-sync", nodes } })).toEqual({
    grade: "bad",
    text: "index books: tasks wait for 2 replicas in sync, for n1 (connection refused), n2",
  });
  expect(writesFinding({ ...writes, waiting: { reason: "replicas", nodes } })?.text).toBe(
    "index books: tasks wait for n1 (connection refused), n2",
  );
});
