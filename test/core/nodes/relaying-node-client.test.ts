import { expect, test } from "vitest";

import { nodeId } from "../../../worker/core/ids.ts";
import { CONNECTIONS_MAX } from "../../../worker/core/limits.ts";
import type { NodeClient, NodeReply } from "../../../worker/nodes/node-client.ts";
import { RelayingNodeClient, type Relay } from "../../../worker/nodes/relaying-node-client.ts";

const endpoint = (at: number) => ({ id: nodeId(`n${at}`), url: `http://n${at}`, key: undefined });
const request = { method: "POST", path: "/x", body: "{}", timeoutMs: 1000 } as const;
const answer = (text: string): NodeReply => ({ kind: "answered", status: 200, text });

/** Nodes that answer with their name when `open` is called. */
function nodes() {
  let most = 0;
  let underWay = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const client: NodeClient = {
    send: async (node) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await promise;
      underWay -= 1;
      return answer(node.id);
    },
  };
  return { client, open: resolve, most: () => most };
}

const all = async (client: NodeClient, count: number): Promise<NodeReply[]> =>
  await Promise.all(Array.from({ length: count }, (_, at) => client.send(endpoint(at), request)));

test("48 nodes are reached by 13 subrequests, no invocation opening more than it may", async () => {
  const { client, open, most } = nodes();
  const sizes: number[] = [];
  const relay: Relay = {
    relay: async (exchanges, onReply) => {
      sizes.push(exchanges.length);
      await Promise.all(exchanges.map(({ node }, position) => onReply(position, answer(node.id))));
    },
  };
  const replies = all(new RelayingNodeClient(client, relay), 48);
  open();
  expect(await replies).toEqual(Array.from({ length: 48 }, (_, at) => answer(`n${at}`)));
  expect(most()).toBe(CONNECTIONS_MAX);
  expect(sizes).toEqual([6, 6, 6, 6, 6, 6, 6]);
});

test("a small fleet needs no sub-gatherer, however often it is asked", async () => {
  const { client, open } = nodes();
  const relay: Relay = { relay: () => Promise.reject(new Error("nobody asked for it")) };
  const relaying = new RelayingNodeClient(client, relay);
  open();
  for (let round = 0; round < 3; round += 1) {
    expect(await all(relaying, 6)).toHaveLength(6);
  }
});

test("a reply counts as soon as it is there, not when the slowest of its group is", async () => {
  const { client } = nodes();
  const relay: Relay = {
    relay: async (_, onReply) => {
      await onReply(1, answer("quick"));
      await new Promise(() => undefined);
    },
  };
  const relaying = new RelayingNodeClient(client, relay);
  void all(relaying, CONNECTIONS_MAX);
  void relaying.send(endpoint(10), request);
  expect(await relaying.send(endpoint(11), request)).toEqual(answer("quick"));
});

test.for([
  ["fails", () => Promise.reject(new Error("exceeded its memory"))],
  ["forgets an exchange", () => Promise.resolve()],
] as const)("a sub-gatherer that %s is like nodes that cannot be reached", async ([, relay]) => {
  const { client } = nodes();
  const relaying = new RelayingNodeClient(client, { relay });
  void all(relaying, CONNECTIONS_MAX);
  expect(await relaying.send(endpoint(10), request)).toMatchObject({ kind: "unreachable" });
});
