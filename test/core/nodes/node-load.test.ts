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

test("a request under way makes a node less wanted until it ends", async () => {
  const { load } = world();
  const answer = Promise.withResolvers<NodeReply>();
  const sending = load.watching({ send: () => answer.promise }).send(endpoint(fast), request);
  expect(load.cost(fast)).toBeGreaterThan(load.cost(slow));
  answer.resolve({ kind: "answered", status: 200, text: "" });
  await sending;
  expect(load.cost(fast)).toBe(load.cost(slow));
});

test("a failure costs more than any usual answer", async () => {
  const { load, client } = world();
  await load.watching(client(1, "unreachable")).send(endpoint(slow), request);
  await load.watching(client(800)).send(endpoint(fast), request);
  expect(load.cost(fast)).toBeLessThan(load.cost(slow));
});
