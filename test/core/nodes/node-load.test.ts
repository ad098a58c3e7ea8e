import { expect, test } from "vitest";

import { nodeId } from "../../../worker/core/ids.ts";
import type { NodeClient, NodeReply } from "../../../worker/nodes/node-client.ts";
import { NodeLoad } from "../../../worker/nodes/node-load.ts";

const [fast, slow] = [nodeId("fast"), nodeId("slow")];
const endpoint = (id: typeof fast) => ({ id, url: "http://node", key: undefined });
const request = { method: "GET", path: "/", timeoutMs: 1 } as const;

function world() {
  let now = 0;
  const load = new NodeLoad(() => now);
  const client = (tookMs: number, reply: NodeReply["kind"] = "answered"): NodeClient => ({
    send: () => {
      now += tookMs;
      return Promise.resolve(
        reply === "answered"
          ? { kind: "answered", status: 200, text: "" }
          : { kind: "unreachable", reason: "", timedOut: false },
      );
    },
  });
  return { load, client, pass: (ms: number) => (now += ms) };
}

test("the node that answers faster is preferred, and what is remembered fades", async () => {
  const { load, client, pass } = world();
  await load.watching(client(5)).send(endpoint(fast), request);
  await load.watching(client(500)).send(endpoint(slow), request);
  expect(load.cost(fast)).toBeLessThan(load.cost(slow));
  const before = load.cost(slow);
  pass(120_000);
  expect(load.cost(slow)).toBeLessThan(before / 100);
});

test("a request under way makes a node less wanted until a while after it has ended", async () => {
  const { load, pass } = world();
  const answer = Promise.withResolvers<NodeReply>();
  const sending = load.watching({ send: () => answer.promise }).send(endpoint(fast), request);
  pass(60_000);
  expect(load.cost(fast)).toBeGreaterThan(load.cost(slow));
  answer.resolve({ kind: "unreachable", reason: "", timedOut: false });
  await sending;
  pass(600_000);
  expect(load.cost(fast)).toBeCloseTo(load.cost(slow));
});

test("nodes that answer alike are asked alike, and how busy one is does not make it far", async () => {
  const { load, client } = world();
  for (let asked = 0; asked < 5; asked += 1) {
    await load.watching(client(5)).send(endpoint(fast), request);
  }
  await load.watching(client(5)).send(endpoint(slow), request);
  expect(load.cost(fast)).toBeGreaterThan(load.cost(slow) * 2);
  expect(load.latencyMs(fast)).toBeCloseTo(load.latencyMs(slow), 1);
});

test("a request that its caller gave up does not count as a failure", async () => {
  const { load, client } = world();
  const given = { ...request, signal: AbortSignal.abort() };
  await load.watching(client(5, "unreachable")).send(endpoint(fast), given);
  expect(load.latencyMs(fast)).toBe(5);
});

test("a failure costs more than any usual answer", async () => {
  const { load, client } = world();
  await load.watching(client(1, "unreachable")).send(endpoint(slow), request);
  await load.watching(client(800)).send(endpoint(fast), request);
  expect(load.cost(fast)).toBeLessThan(load.cost(slow));
});
