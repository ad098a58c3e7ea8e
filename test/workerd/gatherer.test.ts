import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { nodeId } from "../../worker/core/ids.ts";
import { FetchNodeClient } from "../../worker/nodes/fetch-node-client.ts";
import { RelayingNodeClient } from "../../worker/nodes/relaying-node-client.ts";

test("48 nodes answer one read, those beyond the first six through sub-gatherers", async () => {
  const direct: string[] = [];
  const inner = new FetchNodeClient(env.EMBEDDED_NODE);
  const nodes = new RelayingNodeClient(
    {
      send: (node, request) => {
        direct.push(node.id);
        return inner.send(node, request);
      },
    },
    env.GATHERER,
  );
  const replies = await Promise.all(
    Array.from({ length: 48 }, (_, at) =>
      nodes.send(
        { id: nodeId(`far${at}`), url: `embedded://far${at}`, key: undefined },
        { method: "GET", path: at === 40 ? "/nowhere" : "/health", timeoutMs: 20_000 },
      ),
    ),
  );
  expect(direct).toHaveLength(6);
  for (const [at, reply] of replies.entries()) {
    expect(reply).toMatchObject(
      at === 40
        ? { kind: "refused", status: 404 }
        : { kind: "answered", status: 200, text: '{"status":"available"}' },
    );
  }
}, 60_000);
