/**
 * The node client of reads in fleets of any size: an invocation has six connections, so what comes
 * beyond six at a time travels through sub-gatherers, six exchanges each. A read of 48 nodes costs
 * its invocation 6 + 7 subrequests, and each of the 7 at most 6 of its own; nothing waits in line.
 */
import { CONNECTIONS_MAX } from "../core/limits.ts";
import type { NodeEndpoint } from "../core/topology/topology.ts";
import type { NodeClient, NodeReply, NodeRequest } from "./node-client.ts";

/** One exchange as it crosses RPC: reads only, whose bodies are text. */
export interface RelayedExchange {
  readonly node: NodeEndpoint;
  readonly request: Omit<NodeRequest, "alone" | "signal" | "body"> & { readonly body?: string };
}

/** The way to sub-gatherers. */
export interface Relay {
  relay(
    exchanges: readonly RelayedExchange[],
    onReply: (position: number, reply: NodeReply) => Promise<void>,
  ): Promise<void>;
}

interface Waiting {
  readonly exchange: RelayedExchange;
  readonly resolve: (reply: NodeReply) => void;
}

export class RelayingNodeClient implements NodeClient {
  readonly #direct: NodeClient;
  readonly #relay: Relay;
  #underWay = 0;
  #waiting: Waiting[] = [];

  constructor(direct: NodeClient, relay: Relay) {
    this.#direct = direct;
    this.#relay = relay;
  }

  async send(node: NodeEndpoint, request: NodeRequest): Promise<NodeReply> {
    const { body } = request;
    const isText = body === undefined || typeof body === "string";
    if (this.#underWay < CONNECTIONS_MAX || !isText) return await this.#sendDirectly(node, request);
    const exchange = { node, request: relayed(request, body) };
    return await new Promise((resolve) => {
      if (this.#waiting.length === 0) setTimeout(() => this.#flush());
      this.#waiting.push({ exchange, resolve });
    });
  }

  async #sendDirectly(node: NodeEndpoint, request: NodeRequest): Promise<NodeReply> {
    this.#underWay += 1;
    try {
      return await this.#direct.send(node, request);
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Whatever is asked in one turn of the event loop goes in as few invocations as can carry it. */
  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < waiting.length; at += CONNECTIONS_MAX) {
      void this.#relayAll(waiting.slice(at, at + CONNECTIONS_MAX));
    }
  }

  async #relayAll(waiting: readonly Waiting[]): Promise<void> {
    const failed = (reason: string): void => {
      // Those that have their reply keep it.
      for (const { resolve } of waiting) resolve({ kind: "unreachable", reason, timedOut: false });
    };
    try {
      await this.#relay.relay(
        waiting.map(({ exchange }) => exchange),
        async (position, reply) => waiting[position]?.resolve(reply),
      );
      failed("the sub-gatherer told no reply");
    } catch (error) {
      failed(String(error));
    }
  }
}

function relayed(
  { method, path, headers, timeoutMs }: NodeRequest,
  body: string | undefined,
): RelayedExchange["request"] {
  return {
    method,
    path,
    timeoutMs,
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
  };
}
