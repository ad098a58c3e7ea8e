import { describe, expect, test } from "vitest";
import { BundlingNodeClient } from "../../../worker/nodes/bundling-node-client.ts";
import type { NodeReply, NodeRequest } from "../../../worker/nodes/node-client.ts";
import { answered, nodeOf, refused, unreachable } from "../../search/read-fixtures.ts";

const request = (name: string, isAlone = true): NodeRequest => ({
  method: "POST",
  path: `/${name}`,
  timeoutMs: 100,
  ...(isAlone ? { alone: () => JSON.stringify({ q: name }) } : {}),
});

/** What was sent, and the texts (or kinds) of the replies. */
async function exchange(
  requests: readonly (readonly [node: string, request: NodeRequest])[],
  reply: (node: string, request: NodeRequest) => NodeReply,
): Promise<{ readonly sent: string[]; readonly replies: string[] }> {
  const sent: string[] = [];
  const client = new BundlingNodeClient({
    send: async (node, asked) => {
      sent.push(`${node.id} ${asked.path} ${typeof asked.body === "string" ? asked.body : ""}`);
      return reply(node.id, asked);
    },
  });
  const replies = await Promise.all(
    requests.map(async ([node, asked]) => {
      const got = await client.send(nodeOf(node), asked);
      return got.kind === "answered" ? got.text : got.kind;
    }),
  );
  return { sent, replies };
}

const results = answered('{"results":[{"n":1}, {"n":2}]}');

describe("searches that are sent together", () => {
  test("travel in one request to each node", async () => {
    const { sent, replies } = await exchange(
      [
        ["n0", request("a")],
        ["n1", request("a")],
        ["n0", request("b")],
        ["n1", request("b")],
      ],
      () => results,
    );
    const bundle = '{"queries":[{"q":"a"},{"q":"b"}]}';
    expect(sent).toEqual([`n0 /multi-search ${bundle}`, `n1 /multi-search ${bundle}`]);
    expect(replies).toEqual(['{"n":1}', '{"n":1}', '{"n":2}', '{"n":2}']);
  });

  test("go by themselves when there is one, or when they cannot travel together", async () => {
    const { sent } = await exchange(
      [
        ["n0", request("a")],
        ["n0", request("b", false)],
      ],
      () => answered("{}"),
    );
    expect(sent).toEqual(["n0 /b ", "n0 /a "]);
  });

  test.for<[string, NodeReply]>([
    ["a mistake in one of them", refused(400, "invalid_search_filter")],
    ["an answer without results", answered("{}")],
    ["an answer with fewer results", answered('{"results":[{"n":1}]}')],
    ["an answer that is no JSON", answered("<html>")],
  ])("are asked one by one after %s", async ([, reply]) => {
    const { sent, replies } = await exchange(
      [
        ["n0", request("a")],
        ["n0", request("b")],
      ],
      (_, { path }) => (path === "/multi-search" ? reply : answered(path)),
    );
    expect(sent.slice(1)).toEqual(["n0 /a ", "n0 /b "]);
    expect(replies).toEqual(["/a", "/b"]);
  });

  test.for<[string, NodeReply]>([
    ["is down", unreachable],
    ["is overloaded", refused(503, "too_many_search_requests")],
  ])("all hear that the node %s", async ([, reply]) => {
    const { sent, replies } = await exchange(
      [
        ["n0", request("a")],
        ["n0", request("b")],
      ],
      () => reply,
    );
    expect(sent).toHaveLength(1);
    expect(replies).toEqual([reply.kind, reply.kind]);
  });
});
