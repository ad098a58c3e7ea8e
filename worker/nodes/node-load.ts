/**
 * How busy nodes are as this isolate sees them: requests under way and a moving average of how long
 * answers take. What it prefers is only a preference; a node that was slow is tried again later,
 * because what is remembered of it fades.
 */
import type { NodeId } from "../core/ids.ts";
import type { NodeEndpoint } from "../core/topology/topology.ts";
import type { NodeClient, NodeReply, NodeRequest } from "./node-client.ts";

interface Seen {
  readonly averageMs: number;
  readonly at: number;
}

/** Weight of the newest answer in the average. */
const NEWEST = 0.2;
/** Time in which a memory loses half of its weight, in milliseconds. */
const HALF_LIFE_MS = 10_000;
/** What a failure counts as, in milliseconds. */
const FAILURE_MS = 2_000;

export class NodeLoad {
  readonly #underWay = new Map<NodeId, number>();
  readonly #seen = new Map<NodeId, Seen>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Lower is better: the time that one more request can be expected to take, in milliseconds. */
  cost(node: NodeId): number {
    const seen = this.#seen.get(node);
    const waiting = 1 + (this.#underWay.get(node) ?? 0);
    if (seen === undefined) return waiting;
    return waiting * (1 + seen.averageMs * 0.5 ** ((this.#now() - seen.at) / HALF_LIFE_MS));
  }

  /** A client whose exchanges are counted here. */
  watching(client: NodeClient): NodeClient {
    return { send: (node, request) => this.#send(client, node, request) };
  }

  async #send(client: NodeClient, node: NodeEndpoint, request: NodeRequest): Promise<NodeReply> {
    const startedAt = this.#now();
    this.#underWay.set(node.id, (this.#underWay.get(node.id) ?? 0) + 1);
    const reply = await client.send(node, request);
    this.#underWay.set(node.id, (this.#underWay.get(node.id) ?? 1) - 1);
    const tookMs = reply.kind === "unreachable" ? FAILURE_MS : this.#now() - startedAt;
    const before = this.#seen.get(node.id)?.averageMs ?? tookMs;
    const averageMs = before + (tookMs - before) * NEWEST;
    this.#seen.set(node.id, { averageMs, at: this.#now() });
    return reply;
  }
}
