/**
 * How busy nodes are as this isolate sees them: requests under way and of late, and a moving average
 * of how long answers take. Counting those of late spreads reads over nodes that serve equally well,
 * the faster getting more; without it the one that was fastest last would get them all. What it
 * prefers is only a preference; a node that was slow is tried again later, because what is
 * remembered of it fades.
 */
import type { NodeId } from "../core/ids.ts";
import type { NodeEndpoint } from "../core/topology/topology.ts";
import type { NodeClient, NodeReply, NodeRequest } from "./node-client.ts";

interface Seen {
  readonly averageMs: number;
  readonly at: number;
}

interface Asked {
  readonly count: number;
  readonly at: number;
}

/** Weight of the newest answer in the average. */
const NEWEST = 0.2;
/** Time in which a memory loses half of its weight, in milliseconds. */
const HALF_LIFE_MS = 10_000;
/** The same for requests that are over, in milliseconds. */
const RECENT_HALF_LIFE_MS = 1_000;
/** What a failure counts as, in milliseconds. */
const FAILURE_MS = 2_000;

export class NodeLoad {
  readonly #underWay = new Map<NodeId, number>();
  readonly #seen = new Map<NodeId, Seen>();
  readonly #asked = new Map<NodeId, Asked>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Lower is better: the time that one more request can be expected to take, in milliseconds. */
  cost(node: NodeId): number {
    const waiting = 1 + (this.#underWay.get(node) ?? 0) + this.#recent(node);
    return waiting * (1 + this.latencyMs(node));
  }

  /** How far away the node is: what its answers take on average, however many there are of them. */
  latencyMs(node: NodeId): number {
    const seen = this.#seen.get(node);
    if (seen === undefined) return 0;
    return seen.averageMs * 0.5 ** ((this.#now() - seen.at) / HALF_LIFE_MS);
  }

  /** Requests of late; one counts half a second later still as most of one. */
  #recent(node: NodeId): number {
    const asked = this.#asked.get(node);
    if (asked === undefined) return 0;
    return asked.count * 0.5 ** ((this.#now() - asked.at) / RECENT_HALF_LIFE_MS);
  }

  /** A client whose exchanges are counted here. */
  watching(client: NodeClient): NodeClient {
    return { send: (node, request) => this.#send(client, node, request) };
  }

  async #send(client: NodeClient, node: NodeEndpoint, request: NodeRequest): Promise<NodeReply> {
    const startedAt = this.#now();
    this.#underWay.set(node.id, (this.#underWay.get(node.id) ?? 0) + 1);
    this.#asked.set(node.id, { count: this.#recent(node.id) + 1, at: startedAt });
    const reply = await client.send(node, request);
    this.#underWay.set(node.id, (this.#underWay.get(node.id) ?? 1) - 1);
    // A request that was given up says no more than how long it had taken by then.
    const isFailure = reply.kind === "unreachable" && request.signal?.aborted !== true;
    const tookMs = isFailure ? FAILURE_MS : this.#now() - startedAt;
    const before = this.#seen.get(node.id)?.averageMs ?? tookMs;
    const averageMs = before + (tookMs - before) * NEWEST;
    this.#seen.set(node.id, { averageMs, at: this.#now() });
    return reply;
  }
}
