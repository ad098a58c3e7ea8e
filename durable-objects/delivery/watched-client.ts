/**
 * A node client that gives a long request up when its node has fallen silent. A delivery may take
 * minutes, so its own deadline says little; a node that works answers `/health` meanwhile.
 */
import type { NodeEndpoint } from "../../worker/core/topology/topology.ts";
import type { NodeClient, NodeReply, NodeRequest } from "../../worker/nodes/node-client.ts";

/** Between looks, and for each of them: two in a row without an answer are silence. */
const LOOK_EVERY_MS = 2000;
const LOOK_DEADLINE_MS = 3000;
const LOOKS = 2;

export class WatchedClient implements NodeClient {
  readonly #client: NodeClient;
  readonly #sleep: (ms: number) => Promise<void>;

  constructor(client: NodeClient, sleep: (ms: number) => Promise<void>) {
    this.#client = client;
    this.#sleep = sleep;
  }

  async send(node: NodeEndpoint, request: NodeRequest): Promise<NodeReply> {
    // Short requests find out by themselves.
    if (request.timeoutMs <= LOOKS * (LOOK_EVERY_MS + LOOK_DEADLINE_MS)) {
      return await this.#client.send(node, request);
    }
    const over = new AbortController();
    try {
      return await Promise.race([
        this.#client.send(node, { ...request, signal: over.signal }),
        this.#silence(node, over.signal),
      ]);
    } finally {
      over.abort();
    }
  }

  async #silence(node: NodeEndpoint, over: AbortSignal): Promise<NodeReply> {
    for (let missed = 0; ;) {
      await this.#sleep(LOOK_EVERY_MS);
      if (over.aborted) break;
      const look = { method: "GET", path: "/health", timeoutMs: LOOK_DEADLINE_MS } as const;
      const reply = await this.#client.send(node, { ...look, signal: over });
      missed = reply.kind === "unreachable" ? missed + 1 : 0;
      if (missed === LOOKS) break;
    }
    return { kind: "unreachable", reason: "the node has fallen silent", timedOut: true };
  }
}
