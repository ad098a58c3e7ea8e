import { expect, test } from "vitest";

import { groupId, nodeId, physicalUid, type NodeId } from "../../../worker/core/ids.ts";
import { coveringSet } from "../../../worker/core/placement/covering-set.ts";
import { placeIndex } from "../../../worker/core/placement/place-index.ts";
import { NodeLoad } from "../../../worker/nodes/node-load.ts";
import { indexOf, nodeOf } from "../../search/read-fixtures.ts";

/** Searches one after the other on nodes that all take 5 ms; how often each node was asked. */
function spread(nodeCount: number, replicationFactor: number): number {
  const nodes = Array.from({ length: nodeCount }, (_, at) =>
    nodeOf(`n${at}`, { group: groupId("g0") }),
  );
  const map = placeIndex(physicalUid("spread"), nodes, 64, replicationFactor);
  const index = indexOf({}, map);
  let now = 0;
  const load = new NodeLoad(() => now);
  const asked = new Map<NodeId, number>(nodes.map(({ id }) => [nodeId(id), 0]));
  const client = load.watching({
    send: async () => ({ kind: "answered", status: 200, text: "" }),
  });
  for (let search = 0; search < 400; search += 1) {
    now += 5;
    for (const { node } of coveringSet(index, (id) => load.cost(id)).parts) {
      asked.set(node, (asked.get(node) ?? 0) + 1);
      void client.send({ id: node, url: "", key: undefined }, request);
    }
  }
  const counts = [...asked.values()];
  return Math.max(...counts) / (counts.reduce((sum, count) => sum + count, 0) / counts.length);
}

const request = { method: "GET", path: "/", timeoutMs: 1000 } as const;

test.for([
  [3, 2, 1.05],
  [6, 2, 1.05],
  [12, 2, 1.4],
  [48, 2, 2.2],
  [48, 3, 2.4],
] as const)(
  "of %i nodes at RF %i the busiest is asked at most %f times its share",
  ([nodes, replicas, most]) => {
    expect(spread(nodes, replicas)).toBeLessThan(most);
  },
);
